"""The page between somebody and an act that cannot be undone: it asks for the name of what is about to be lost."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kernel.errors import Invalid
from tenant_apps.backoffice.errors import NotConfirmed
from tenant_apps.backoffice.forms.marketplace import ConfirmNameForm
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import refusal
from webui.htmx import add_toast, redirect_to


def confirm_by_name(
    request: HttpRequest,
    desk: Desk,
    template: str,
    *,
    name: str,
    destroy: Callable[[str], object],
    done: str,
    back: str,
    home: str = "",
    **context: object,
) -> HttpResponse:
    """Ask (`template` extends confirm_base.html), then `destroy` with what was typed, say `done` and go `home`, or `back`.

    `destroy` judges the name: by `require_name`, or by rules of its own.
    """

    def leave() -> HttpResponse:
        add_toast(request, done)
        return redirect_to(request, home or back)

    return ask_for_name(request, desk, template, name=name, destroy=destroy, leave=leave, back=back, **context)


def ask_for_name(
    request: HttpRequest,
    desk: Desk,
    template: str,
    *,
    name: str,
    destroy: Callable[[str], object],
    leave: Callable[[], HttpResponse],
    **context: object,
) -> HttpResponse:
    """The same, but for what is answered afterwards: that is `leave`'s."""
    form = ConfirmNameForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = Invalid.http_status
        if form.is_valid():
            refused = refusal(form, lambda: destroy(form.cleaned_data["confirm_name"]))
            if refused is None:
                return leave()
            status = refused
    return render(request, template, {"desk": desk, "form": form, "confirm_name": name, **context}, status=status)


def require_name(typed: str, name: str) -> None:
    """Go on only with the very name.

    Raises:
        NotConfirmed: it is another one; blames `confirm_name`.
    """
    if typed.strip() != name:
        raise NotConfirmed(_("This is not its name. Type “%(name)s”.") % {"name": name}, field="confirm_name")
