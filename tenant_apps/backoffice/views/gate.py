"""The door of every backoffice view: who may come in, whose desk it is, and how a refusal gets back into a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.actor import Actor
from kernel.errors import DomainError, Invalid, NotFound, PermissionDenied
from kernel.ids import parse_public_id
from tenant_apps.backoffice.errors import NothingHere
from tenant_apps.backoffice.selectors.desk import desk_of
from tenant_apps.backoffice.types import Desk
from tenant_apps.providers.selectors import profile_for_staff
from tenant_apps.providers.types import PUBLIC_ID_PREFIX, ProviderProfile
from webui.forms import add_domain_error

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
type StaffView[**P] = Callable[Concatenate[HttpRequest, Desk, P], HttpResponseBase]

ENTER = "backoffice.enter"


def page[**P](capability: str = ENTER) -> Callable[[StaffView[P]], View[P]]:
    """A page that is only looked at."""
    return _door(require_safe, capability)


def act[**P](capability: str = ENTER) -> Callable[[StaffView[P]], View[P]]:
    """An act: POST only."""
    return _door(require_POST, capability)


def form_page[**P](capability: str = ENTER) -> Callable[[StaffView[P]], View[P]]:
    """A page with a form that is sent to itself."""
    return _door(require_http_methods(["GET", "HEAD", "POST"]), capability)


def _door[**P](methods: Callable[[View[P]], View[P]], capability: str) -> Callable[[StaffView[P]], View[P]]:
    """Signed in, of the staff, and allowed `capability`; else the sign-in page, or 403."""

    def decorate(view: StaffView[P]) -> View[P]:
        @wraps(view)
        def gated(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = _actor(request)
            actor.require(ENTER)
            actor.require(capability)
            return view(request, desk_at(request), *args, **kwargs)

        return never_cache(login_required(methods(gated)))

    return decorate


def desk_at(request: HttpRequest) -> Desk:
    """The desk of this request, made once: the page and its sidebar both ask."""
    found: Desk | None = getattr(request, "_desk", None)
    if found is None:
        found = desk_of(_actor(request))
        request._desk = found  # type: ignore[attr-defined]  # noqa: SLF001  # ours, for this request only
    return found


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]  # set by the members' middleware


def id_in(prefix: str, text: str) -> UUID:
    """The id in an address; a malformed one is simply not there."""
    try:
        return parse_public_id(prefix, text)
    except Invalid:
        raise NothingHere(_("There is nothing at this address.")) from None


def provider_at(desk: Desk, provider_id: str) -> ProviderProfile:
    """The provider in an address, if the desk may work on them; else 404."""
    return profile_for_staff(id_in(PUBLIC_ID_PREFIX, provider_id), actor=desk.actor)


def blame(form: BaseForm, error: DomainError) -> None:
    """Show beside its field of an unsent `form` what another act was refused for, such as publishing without a headline."""
    form.full_clean()
    # Django sets it only for a form that was sent, and add_error wants it.
    form.cleaned_data = {}
    add_domain_error(form, error)


def wants_publishing(request: HttpRequest) -> bool:
    """Whether a form was sent by its *Publish* button (backoffice/_save_buttons.html): it is saved first, as typed."""
    return request.POST.get("then") == "publish"


def refusal(form: BaseForm, write: Callable[[], object], *, fields: Mapping[str, str] | None = None) -> int | None:
    """Try `write`. None when it worked; else the status, with the refusal shown beside the field of `form` it blames.

    `fields` gives the form's names of fields that the service calls otherwise.
    """
    try:
        write()
    except DomainError as error:
        if error.field is None and isinstance(error, (NotFound, PermissionDenied)):
            raise
        error.field = (fields or {}).get(error.field or "", error.field)
        add_domain_error(form, error)
        return error.http_status
    return None
