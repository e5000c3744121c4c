"""Pages on the platform for the owner of one marketplace that nobody can walk into: closed, or not paid for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from kernel.actor import Actor
from shared_apps.accounts.models import User
from shared_apps.entry.models import Ownership
from tenant_apps.members.selectors import owner_by_id
from tenants.scope import tenant_scope

type View = Callable[..., HttpResponseBase]


class Find(Protocol):
    """Looks the ownership of a marketplace in the wanted state up, by its slug."""

    def __call__(self, user: User, *, slug: str) -> Ownership | None: ...


def owners_page_of(find: Find, capabilities: frozenset[str]) -> Callable[[View], View]:
    """Let the owner of the marketplace in the address through, with it and as whom they act; 404 for all others."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(
            request: HttpRequest, slug: str, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:  # Any: what the URL carries
            user = cast("User", request.user)  # login_required
            ownership = find(user, slug=slug)
            if ownership is None:
                raise Http404
            with tenant_scope(ownership.tenant):
                is_owner = owner_by_id(ownership.member_id) is not None
            if not is_owner:
                raise Http404
            actor = Actor.user(user_id=user.pk, label=user.email, capabilities=capabilities)
            return view(request, ownership.tenant, actor, *args, **kwargs)

        return login_required(never_cache(guarded))

    return decorate
