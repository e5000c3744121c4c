"""Staff of a marketplace, made in the current scope."""

from __future__ import annotations

from kernel.actor import Actor
from shared_apps.accounts.models import User
from tenant_apps.members.models import Membership
from tenant_apps.members.selectors import actor_for
from tests.factories.people import make_user

EMAIL = "bea@twin.example"
"""Who is invited."""


def make_member(email: str, *roles: str, **fields) -> User:
    """A person in these roles."""
    user = make_user(email, **fields)
    for role in roles:
        Membership.objects.create(user=user, role=role)
    return user


def make_actor(email: str, *roles: str) -> Actor:
    """A person in these roles, as they act."""
    return actor_for(make_member(email, *roles))
