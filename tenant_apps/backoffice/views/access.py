"""The one door of all pages here: who is not staff stays outside, and every view is told who acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kernel.actor import Actor
from kernel.errors import Invalid, NotFound
from kernel.ids import parse_public_id
from tenant_apps.backoffice.permissions import ENTER


def staff_page[**P](
    view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A guest is asked to sign in, a customer is refused (403), staff go on with their actor as second argument.

    What somebody may do inside is decided by the services and selectors, not here.
    """

    @login_required
    @never_cache
    @wraps(view)
    def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        actor = cast("Actor", request.actor)  # type: ignore[attr-defined]  # set by members' middleware
        actor.require(ENTER)
        return view(request, actor, *args, **kwargs)

    return page  # type: ignore[return-value]  # the decorators of Django forget the parameters


def id_in(prefix: str, text: str) -> UUID:
    """The id in an address; a malformed one is simply not there.

    Raises:
        NotFound: it is none of this prefix.
    """
    try:
        return parse_public_id(prefix, text)
    except Invalid:
        raise NotFound(_("There is nothing at this address.")) from None
