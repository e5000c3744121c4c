"""Reads of people in the current scope."""

from __future__ import annotations

from uuid import UUID

from allauth.account.models import EmailAddress

from shared_apps.accounts.models import User


def user_by_email(email: str) -> User | None:
    """The person with this address in the current scope, active or not, whatever the case of the letters."""
    found: User | None = User.objects.with_email(email).first()
    return found


def owner_of_address(email: str) -> User | None:
    """The active person who has proven that this address is theirs, whatever the case of the letters."""
    proven = EmailAddress.objects.filter(email__iexact=email.strip(), verified=True)
    found: User | None = User.objects.filter(pk__in=proven.values("user_id"), is_active=True).first()
    return found


def user_by_public_id(public_id: UUID) -> User | None:
    """The person with this id in the current scope."""
    found: User | None = User.objects.filter(public_id=public_id).first()
    return found


def has_verified_email(user: User) -> bool:
    """Whether the person proved that their present address is theirs."""
    return bool(EmailAddress.objects.filter(user_id=user.pk, email=user.email, verified=True).exists())
