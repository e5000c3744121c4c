"""The plan's seats for providers: taken by people and by letters, never by one too many."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kernel.actor import Actor
from shared_apps.plans.errors import LimitReached
from tenant_apps.members.models import Invitation, Membership
from tenant_apps.members.selectors import provider_seats
from tenant_apps.members.services import change_roles, invite_member, memberships, resend_invitation, revoke_invitation
from tenant_apps.members.types import Role
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import current_tenant, tenant_scope
from tests.factories.racing import race
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_member

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")


@pytest.fixture
def two_seats(alpha):
    with tenant_scope(replace(alpha, entitlements={"max_providers": 2})) as context:
        yield context


def invite(number: int, role: Role = Role.PROVIDER, now: datetime = NOW) -> Invitation:
    return invite_member(actor=SYSTEM, email=f"p{number}@twin.example", name="", role=role, now=now)


@pytest.mark.usefixtures("two_seats")
def test_people_and_letters_take_seats():
    make_member("ada@twin.example", "provider")
    invite(1)

    with pytest.raises(LimitReached) as refusal:
        invite(2)

    assert refusal.value.entitlement == "max_providers"
    assert Invitation.objects.count() == 1


@pytest.mark.usefixtures("two_seats")
def test_a_withdrawn_or_old_letter_gives_its_seat_back():
    revoke_invitation(actor=SYSTEM, invitation_id=invite(1).public_id)
    invite(2)
    invite(3)

    invite(4, now=NOW + timedelta(days=14))

    assert provider_seats(now=NOW + timedelta(days=14)) == 1


@pytest.mark.usefixtures("two_seats")
def test_an_old_letter_needs_a_seat_to_be_sent_again():
    old = invite(1)
    for number in (2, 3):
        invite(number, now=NOW + timedelta(days=14))

    with pytest.raises(LimitReached):
        resend_invitation(actor=SYSTEM, invitation_id=old.public_id, now=NOW + timedelta(days=14))


@pytest.mark.usefixtures("two_seats")
def test_a_role_given_by_hand_needs_a_seat_too():
    for number in range(2):
        make_member(f"p{number}@twin.example", "provider")
    manager = make_member("mo@twin.example", "manager")

    with pytest.raises(LimitReached):
        change_roles(actor=SYSTEM, member_id=manager.public_id, roles=[Role.MANAGER, Role.PROVIDER])

    assert Membership.objects.filter(role=Role.PROVIDER).count() == 2


@pytest.mark.usefixtures("two_seats")
def test_managers_need_no_seat():
    for number in range(4):
        invite(number, Role.MANAGER)

    assert Invitation.objects.count() == 4


def _invite_in_a_race(racers: int) -> int:
    alpha = context_for(ALPHA_ID)
    assert isinstance(alpha, TenantContext)
    tight = replace(alpha, entitlements={"max_providers": 2})
    race(racers, invite, tenant=tight)
    with tenant_scope(alpha):
        return Invitation.objects.count()


@pytest.mark.proves("races.plans")
def test_racers_get_the_seats_there_are(own_database):
    assert _invite_in_a_race(6) == 2


@pytest.mark.control
@pytest.mark.proves("races.plans")
def test_without_the_lock_on_the_limit_more_would_sit_down(own_database, monkeypatch):
    """Negative control: every racer counts before any has written."""
    import threading

    all_counted = threading.Barrier(4)

    def unlocked(_entitlement, *, used) -> None:
        free = used() < current_tenant().entitlements["max_providers"]
        all_counted.wait(timeout=10)
        assert free

    monkeypatch.setattr(memberships, "require_within_limit", unlocked)

    assert _invite_in_a_race(4) == 4
