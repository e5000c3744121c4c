"""Reads of people in the current scope."""

from __future__ import annotations

from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils.module_loading import import_string

from kernel.emails import email_is
from shared_apps.accounts.models import User
from tenants.context import TenantContext
from tenants.scope import require_scope


def user_by_email(email: str) -> User | None:
    """The person with this address in the current scope, active or not, whatever the case of the letters."""
    found: User | None = User.objects.with_email(email).first()
    return found


def owner_of_address(email: str) -> User | None:
    """The active person who has proven that this address is theirs, whatever the case of the letters."""
    proven = EmailAddress.objects.filter(email_is(email), verified=True)
    found: User | None = User.objects.filter(pk__in=proven.values("user_id"), is_active=True).first()
    return found


def user_by_public_id(public_id: UUID) -> User | None:
    """The person with this id in the current scope."""
    found: User | None = User.objects.filter(public_id=public_id).first()
    return found


def has_verified_email(user: User) -> bool:
    """Whether the person proved that their present address is theirs."""
    return bool(EmailAddress.objects.filter(user_id=user.pk, email=user.email, verified=True).exists())


def landing_path(user: User) -> str:
    """The path of the page that `user` most likely wants on this host, after signing in.

    The apps that know roles lie above this one, so settings name their functions.
    """
    on_marketplace = isinstance(require_scope(), TenantContext)
    function = settings.LANDING_PATH_IN_TENANT if on_marketplace else settings.LANDING_PATH_ON_PLATFORM
    return str(import_string(function)(user))
