"""Acts that the console asks about first: the words on GET, the act on POST, and back to where one came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from shared_apps.console.forms import ConfirmForm
from shared_apps.console.frame import render_console
from webui.acting import act_and_tell
from webui.forms import add_domain_error
from webui.htmx import Kind, add_toast, redirect_to

type Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a page asks: a heading, what follows from it, and the button's words. `done` is said afterwards.

    `back_url` is where one goes, also without doing it; `place` what is marked in the sidebar.
    """

    title: Text
    text: Text
    label: Text
    done: Text
    back_url: str
    place: str
    is_dangerous: bool = False
    done_kind: Kind = "ok"


def ask(request: HttpRequest, question: Question, act: Callable[[], object]) -> HttpResponseBase:
    """One press of a button does it."""
    if request.method != "POST":
        return render_console(request, "console/ask.html", _context(question), place=question.place)
    act_and_tell(request, act, done=question.done, done_kind=question.done_kind)
    return redirect_to(request, question.back_url)


def ask_for_name[T](
    request: HttpRequest,
    question: Question,
    act: Callable[..., T],
    *,
    slug: str,
    form_class: type[ConfirmForm] = ConfirmForm,
    losses: Sequence[Text] = (),
    changes: Sequence[Text] = (),
    gains: Sequence[Text] = (),
    then: Callable[[T], str] | None = None,
) -> HttpResponseBase:
    """The organization's address has to be typed; `act` takes what the form has read.

    `losses`, `changes` and `gains` say what becomes of what is there.
    `then` says where what was done is watched; without it one goes back.
    """
    form, status = form_class(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = act(**form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
                status = error.http_status
            else:
                add_toast(request, question.done, kind=question.done_kind)
                return redirect_to(request, then(done) if then else question.back_url)
    parts = [(_("What goes"), "x", losses), (_("What changes"), "pencil", changes), (_("What comes back"), "undo-2", gains)]
    context = _context(question) | {"form": form, "slug": slug, "parts": [part for part in parts if part[-1]]}
    return render_console(request, "console/confirm.html", context, place=question.place, status=status)


def _context(question: Question) -> dict[str, object]:
    names = ("title", "text", "label", "back_url", "is_dangerous")
    return {name: getattr(question, name) for name in names}
