"""What answers for a marketplace that cannot be shown: a page, or a problem document. It needs no tenant and no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError, NotFound, Throttled, Unavailable
from webui.htmx import is_htmx, toast
from webui.problems import Problem, is_api, problem_document

State = Literal["unknown_host", "suspended", "maintenance", "renewing", "paused", "closed", "busy"]


class UnknownHost(NotFound):
    """No marketplace answers at this name."""

    code = "unknown_host"


class MarketplaceSuspended(DomainError):
    """The marketplace has been paused; its data are kept."""

    code = "marketplace_suspended"
    http_status = 403


class MarketplaceInMaintenance(Unavailable):
    """The marketplace is being set up or improved; `Retry-After` says when to ask again."""

    code = "marketplace_in_maintenance"


class SandboxRenewing(Unavailable):
    """The sandbox is being made, or made anew; `Retry-After` says when to ask again."""

    code = "sandbox_renewing"


class MarketplacePaused(Unavailable):
    """The marketplace is being moved: it can be read, and written again in a moment; `Retry-After` says when."""

    code = "writes_paused"


class MarketplaceClosed(DomainError):
    """The marketplace has closed for good."""

    code = "marketplace_closed"
    http_status = 410


class MarketplaceBusy(Throttled):
    """More is asked of the marketplace than its plan allows; `Retry-After` says when to ask again."""

    code = "marketplace_busy"


@dataclass(frozen=True, slots=True)
class _Answer:
    """`detail` is the sentence for programs; the pages have their own words.

    A page that is left open looks again after `look_again_seconds` whether the state is another by now.
    """

    kind: type[DomainError]
    detail: str | Promise
    retry_after_seconds: int | None = None
    look_again_seconds: int | None = None


# What ends by itself within moments, and what somebody has to end.
_SOON: Final = 8
_SOMETIME: Final = 60


_ANSWERS: Final[dict[State, _Answer]] = {
    "unknown_host": _Answer(UnknownHost, _("No marketplace answers at this address.")),
    "suspended": _Answer(MarketplaceSuspended, _("This marketplace is closed for now."), look_again_seconds=_SOMETIME),
    "maintenance": _Answer(
        MarketplaceInMaintenance,
        _("This marketplace is being improved. Try again shortly."),
        retry_after_seconds=30,
        look_again_seconds=_SOON,
    ),
    "renewing": _Answer(
        SandboxRenewing,
        _("This sandbox is being made anew. Try again shortly."),
        retry_after_seconds=5,
        look_again_seconds=_SOON,
    ),
    "paused": _Answer(
        MarketplacePaused,
        _("This marketplace is being moved. Nothing is lost: please try again in a moment."),
        retry_after_seconds=5,
    ),
    "closed": _Answer(MarketplaceClosed, _("This marketplace has closed."), look_again_seconds=_SOMETIME),
    "busy": _Answer(MarketplaceBusy, _("Many people are here at the moment. Try again shortly."), retry_after_seconds=1),
}
PROBLEMS: Final = tuple(answer.kind for answer in _ANSWERS.values())


def state_response(
    request: HttpRequest, state: State, *, name: str = "", platform_url: str = "", owner_url: str = ""
) -> HttpResponse:
    """The answer of a state. `name` is the marketplace's, where it is known; `platform_url` leads to Stoa's own front page,
    and `owner_url` to where its owner reads how it stands: whoever asks for a page of the staff is told of that first.

    Below `/api/` it is a problem document, whose `type` leads to the platform's reference: this host shows none.
    """
    answer = _ANSWERS[state]
    if state == "paused" and is_htmx(request):
        return _told_in_place(answer)
    response = (
        _document(answer, platform_url)
        if is_api(request)
        else _page(request, state, name=name, platform_url=platform_url, owner_url=owner_url)
    )
    if answer.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(answer.retry_after_seconds)
    if is_htmx(request):
        # The page was open when the state changed: reload it as a whole instead of swapping this into a corner.
        response.headers["HX-Refresh"] = "true"
    add_never_cache_headers(response)
    return response


def _told_in_place(answer: _Answer) -> HttpResponse:
    """A toast over the page as it is: what was typed into it stays, to be sent again."""
    response = HttpResponse(status=answer.kind.http_status, headers={"HX-Reswap": "none"})
    response.headers["Retry-After"] = str(answer.retry_after_seconds)
    toast(response, answer.detail, kind="bad")
    add_never_cache_headers(response)
    return response


def _document(answer: _Answer, platform_url: str) -> HttpResponse:
    kind = answer.kind
    return problem_document(Problem(kind.http_status, kind.code, str(answer.detail), reference_host=platform_url))


def _page(request: HttpRequest, state: State, **known: str) -> HttpResponse:
    answer = _ANSWERS[state]
    status = answer.kind.http_status
    context = {
        **known,
        "host": request.headers.get("Host", ""),
        "status": status,
        "is_for_staff": request.path.startswith(settings.STAFF_PATHS),
        "look_again_seconds": answer.look_again_seconds,
    }
    # Without the request no context processor runs: nothing here may need the database.
    return HttpResponse(get_template(f"errors/{state}.html").render(context), status=status)
