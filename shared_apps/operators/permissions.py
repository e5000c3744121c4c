"""From a signed-in person of the platform to an operator, and the guard before every page of the console."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import PermissionDenied
from shared_apps.accounts.models import User
from shared_apps.operators.models import Operator
from shared_apps.operators.rules import CAPABILITIES, RECENT
from shared_apps.operators.types import OperatorRole
from tenants.scope import current_scope

View = Callable[..., HttpResponseBase]


def operator_actor(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """Whom `request.user` acts as on the platform: an operator with the role's capabilities, a person without any, or a guest.

    One query, on the platform's host only; anywhere else everybody is a guest here.
    """
    if not isinstance(user, User) or not user.is_active or getattr(current_scope(), "key", "") != "platform":
        return Actor.guest()
    role = Operator.objects.filter(user_id=user.pk).values_list("role", flat=True).first()
    if role is None:
        return Actor.user(user_id=user.pk, label=user.email)
    return Actor.operator(user_id=user.pk, label=user.email, capabilities=CAPABILITIES[OperatorRole(role)])


def operator_required(capability: str = "console.enter") -> Callable[[View], View]:
    """Let only operators with `capability` through; `request.actor` is the operator then.

    Somebody who is not signed in goes to the sign-in page; everybody else gets 403, which
    the middleware that catches it logs (R59).
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # Any: whatever the URL carries
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            request.actor = require_operator(request, capability)  # type: ignore[attr-defined]  # ours
            return view(request, *args, **kwargs)

        return guarded

    return guard


def require_operator(request: HttpRequest, capability: str) -> Actor:
    """The operator behind `request`.

    Raises:
        PermissionDenied: no operator, or not one who may do this.
    """
    actor = operator_actor(request.user)
    if actor.kind != "operator" or not actor.can(capability):
        raise PermissionDenied(_("Only operators of the platform may do this."), capability=capability)
    return actor


def recent_password_required(view: View) -> View:
    """Ask for the password again when the last one is older than ten minutes: for what cannot be taken back.

    Stands inside the guard above.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # Any: whatever the URL carries
        if has_recent_password(request):
            return view(request, *args, **kwargs)
        return _ask_for_password(request)

    return guarded


def has_recent_password(request: HttpRequest) -> bool:
    """Whether this session's person gave a password or second factor within the last ten minutes."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < RECENT.total_seconds()


def _ask_for_password(request: HttpRequest) -> HttpResponse:
    # A form that was sent cannot be sent again by a redirect: the person comes back to the page it stood on.
    path = request.get_full_path() if request.method in {"GET", "HEAD"} else "/console/"
    return redirect_to_login(path, login_url=resolve_url("account_reauthenticate"))
