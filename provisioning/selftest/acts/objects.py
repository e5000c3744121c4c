"""Attempts through the application's own objects."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Context
from typing import Final

from django.db import connection

from provisioning.selftest.stage import Side
from provisioning.selftest.trying import Act
from shared_apps.accounts.models import User
from tenant_apps.catalog.models import Category
from tenant_apps.members.models import Invitation, Membership
from tenant_apps.members.types import Role
from tenants.errors import NoTenant, WrongTenant
from tenants.scope import tenant_scope


def _save(here: Side, there: Side) -> bool:
    """The scope is switched while an instance is held."""
    with tenant_scope(there.tenant):
        held = Category.objects.get(slug=there.mark)
    with tenant_scope(here.tenant):
        held.description = "changed from outside"
        held.save()
    return True


def _delete(here: Side, there: Side) -> bool:
    with tenant_scope(there.tenant):
        held = Invitation.objects.get(public_id=there.invitation_id)
    with tenant_scope(here.tenant):
        held.delete()
    return True


def _related(here: Side, there: Side) -> bool:
    with tenant_scope(there.tenant):
        held = User.objects.get(pk=there.user_id)
    with tenant_scope(here.tenant):
        Membership.objects.create(user=held, role=Role.MANAGER)
    return True


def _lazy(here: Side, there: Side) -> bool:
    """A query is made in one scope and asked in the other."""
    with tenant_scope(there.tenant):
        rows = Category.objects.filter(slug=there.mark)
    with tenant_scope(here.tenant):
        return bool(rows)


def _cursor(here: Side, there: Side) -> bool:
    with tenant_scope(there.tenant):
        cursor = connection.cursor()
    with tenant_scope(here.tenant):
        cursor.execute(f"SELECT 1 FROM {Category._meta.db_table} WHERE slug = %s", [there.mark])  # noqa: S608, SLF001  # our own table's name
        return cursor.fetchone() is not None


def _no_scope(here: Side, there: Side) -> bool:
    if here is there:
        with tenant_scope(there.tenant):
            return _finds(there)
    return Context().run(_finds, there)


def _finds(there: Side) -> bool:
    return Category.objects.filter(slug=there.mark).exists()


ACTS: Final[Mapping[str, Act]] = {
    "objects.save": Act(_save, (WrongTenant,)),
    "objects.delete": Act(_delete, (WrongTenant,)),
    "objects.related": Act(_related, (WrongTenant,)),
    "objects.lazy": Act(_lazy),
    "objects.cursor": Act(_cursor, (WrongTenant,)),
    "objects.no_scope": Act(_no_scope, (NoTenant,)),
}
