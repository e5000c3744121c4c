"""Changing roles: only by those who may, and never so that no owner is left."""

import pytest

from kernel.actor import Actor
from kernel.errors import NotFound, PermissionDenied
from shared_apps.accounts.models import User
from tenant_apps.members.errors import LastOwner
from tenant_apps.members.events import MemberJoined, MemberLeft
from tenant_apps.members.models import Membership
from tenant_apps.members.selectors import roles_of
from tenant_apps.members.services import add_member, change_roles, memberships
from tenant_apps.members.types import Role
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.events import published
from tests.factories.people import make_twins
from tests.factories.racing import race
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_actor, make_member

SYSTEM = Actor.system("test")


def test_roles_are_replaced_and_told(in_alpha):
    bea = make_member("bea@twin.example", "provider")

    change_roles(actor=make_actor("owner@twin.example", "owner"), member_id=bea.public_id, roles=[Role.MANAGER])

    assert roles_of(bea.pk) == {Role.MANAGER}
    assert published(MemberJoined) == [MemberJoined(user_id=bea.pk, role=Role.MANAGER)]
    assert published(MemberLeft) == [MemberLeft(user_id=bea.pk, role=Role.PROVIDER)]


def test_nothing_changed_is_nothing_told(in_alpha):
    bea = make_member("bea@twin.example", "provider")

    change_roles(actor=SYSTEM, member_id=bea.public_id, roles=[Role.PROVIDER])

    assert published(MemberJoined) == published(MemberLeft) == []


@pytest.mark.parametrize("role", ["manager", "provider", "customer"])
def test_only_owners_change_roles(in_alpha, role):
    bea = make_member("bea@twin.example", "provider")

    with pytest.raises(PermissionDenied):
        change_roles(actor=make_actor("mo@twin.example", role), member_id=bea.public_id, roles=[Role.OWNER])

    assert roles_of(bea.pk) == {Role.PROVIDER}


def test_the_last_owner_stays(in_alpha):
    owner = make_member("owner@twin.example", "owner")

    with pytest.raises(LastOwner) as refusal:
        change_roles(actor=SYSTEM, member_id=owner.public_id, roles=[Role.MANAGER])

    assert refusal.value.field == "roles"
    assert roles_of(owner.pk) == {Role.OWNER}


def test_one_of_two_owners_may_go(in_alpha):
    make_member("first@twin.example", "owner")
    second = make_member("second@twin.example", "owner")

    change_roles(actor=SYSTEM, member_id=second.public_id, roles=[])

    assert roles_of(second.pk) == frozenset()


def test_the_owner_of_the_twin_does_not_count(alpha, beta):
    make_twins([alpha, beta])
    for tenant in (alpha, beta):
        with tenant_scope(tenant):
            add_member(actor=SYSTEM, user=User.objects.get(), role=Role.OWNER)

    with tenant_scope(alpha), pytest.raises(LastOwner):
        change_roles(actor=SYSTEM, member_id=User.objects.get().public_id, roles=[])


def test_a_person_of_the_twin_is_not_found(in_alpha, beta):
    with tenant_scope(beta):
        foreign = make_member("bea@twin.example", "provider")

    with pytest.raises(NotFound):
        change_roles(actor=SYSTEM, member_id=foreign.public_id, roles=[Role.OWNER])


def test_a_role_is_given_once_however_often_it_is_asked(in_alpha):
    bea = make_member("bea@twin.example")

    for _ in range(2):
        add_member(actor=SYSTEM, user=bea, role=Role.OWNER)

    assert Membership.objects.count() == 1
    assert len(published(MemberJoined)) == 1


def _demote_each_other() -> tuple[list[object], int]:
    """Two owners, each making the other a manager at the same moment."""
    alpha = context_for(ALPHA_ID)
    assert isinstance(alpha, TenantContext)
    with tenant_scope(alpha):
        ids = [make_member(f"owner{number}@twin.example", "owner").public_id for number in range(2)]
    results = race(2, lambda number: change_roles(actor=SYSTEM, member_id=ids[number], roles=[Role.MANAGER]), tenant=alpha)
    with tenant_scope(alpha):
        return results, Membership.objects.filter(role=Role.OWNER).count()


@pytest.mark.proves("races.people")
def test_two_owners_who_demote_each_other_leave_one(own_database):
    results, owners = _demote_each_other()

    assert sorted(type(result).__name__ for result in results) == ["LastOwner", "NoneType"]
    assert owners == 1


@pytest.mark.control
@pytest.mark.proves("races.people")
def test_without_the_lock_they_would_leave_none(own_database, monkeypatch):
    """Negative control: both have counted before either has written."""
    import threading

    both_counted = threading.Barrier(2)

    def unlocked() -> list[Membership]:
        owners = list(Membership.objects.filter(role=Role.OWNER))
        both_counted.wait(timeout=10)
        return owners

    monkeypatch.setattr(memberships, "_lock_owners", unlocked)

    _results, owners = _demote_each_other()

    assert owners == 0
