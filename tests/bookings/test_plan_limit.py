"""A plan allows so many bookings a month, also when several ask at once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from django.core import mail

from kernel.events import Event
from kernel.outbox.models import OutboxMessage
from shared_apps.accounts.models import User
from shared_apps.plans.errors import LimitReached
from shared_apps.plans.services import asking
from tenant_apps.bookings.events import MonthUsedUp
from tenant_apps.bookings.handlers import write_to_owners
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.services import cancel_booking, decline_booking
from tenant_apps.catalog.types import Approval
from tenant_apps.members.models import Membership
from tenant_apps.members.types import Role
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from tests.bookings.racing import of_type, run_at_once
from tests.bookings.rows import NOW, make_booking, make_hold, make_service, manager_actor, on
from tests.factories.racing import after_everybody
from tests.factories.tenants import ALPHA_ID


def test_the_month_of_the_plan_is_full(alpha):
    with tenant_scope(with_limit(alpha, 2)):
        service = make_service()
        make_booking(service, on(17, 9))
        make_booking(service, on(17, 10))

        with pytest.raises(LimitReached) as refused:
            make_booking(service, on(17, 11))

    assert refused.value.entitlement == "bookings_per_month"


def test_holds_do_not_count_and_bookings_called_off_on_the_eve_do(alpha):
    with tenant_scope(with_limit(alpha, 1)):
        service = make_service()
        make_hold(service, on(17, 9))
        cancel_booking(actor=manager_actor(), booking=make_booking(service, on(17, 10)), now=on(16, 12))

        with pytest.raises(LimitReached):
            make_booking(service, on(17, 11), now=on(16, 13))


@pytest.mark.parametrize("called_off_at", [on(16, 8, 59), on(18, 10)], ids=["within the hour", "a day ahead"])
def test_a_booking_that_came_to_nothing_in_good_time_does_not_count(alpha, called_off_at):
    with tenant_scope(with_limit(alpha, 1)):
        service = make_service()
        flood = make_booking(service, on(19, 10), "Flood")
        cancel_booking(actor=manager_actor(), booking=flood, now=called_off_at)

        assert make_booking(service, on(19, 11), now=called_off_at).pk


def test_a_request_that_was_declined_does_not_count(alpha):
    with tenant_scope(with_limit(alpha, 1)):
        service = make_service(approval=Approval.REQUEST)
        decline_booking(actor=manager_actor(), booking=make_booking(service, on(17, 10)), now=on(16, 8))

        assert make_booking(service, on(17, 11)).pk


def test_the_limit_is_told_before_a_time_is_kept_and_in_the_customers_words(alpha):
    with tenant_scope(with_limit(alpha, 1)):
        service = make_service()
        make_booking(service, on(17, 9))

        with pytest.raises(LimitReached) as refused:
            make_hold(service, on(17, 11))

    assert "takes no more bookings this month" in refused.value.message
    assert "plan" not in refused.value.message


def test_the_owners_hear_of_the_last_booking_once_a_month(alpha, settings):
    settings.EVENT_SUBSCRIPTIONS = "config.subscriptions.SUBSCRIPTIONS"
    with tenant_scope(with_limit(alpha, 2)):
        owner = User.objects.create_user("owner@twin.example")
        Membership.objects.create(user=owner, role=Role.OWNER)
        service = make_service()
        make_booking(service, on(17, 9))
        before = messages_for(MonthUsedUp)
        last = make_booking(service, on(17, 10))
        cancel_booking(actor=manager_actor(), booking=last, now=NOW)
        make_booking(service, on(17, 11))
        after = messages_for(MonthUsedUp)

        for event in after:
            write_to_owners(MonthUsedUp.from_payload(event))

    assert (len(before), len(after)) == (0, 2)
    assert [(letter.to, "no more bookings in November 2026" in letter.subject) for letter in mail.outbox] == [
        (["owner@twin.example"], True)
    ]


def test_a_new_month_begins_anew(alpha):
    with tenant_scope(with_limit(alpha, 1)):
        service = make_service()
        make_booking(service, on(17, 9))

        later = make_booking(service, on(17, 9).replace(month=12), now=on(30, 12).replace(month=12, day=1))

    assert later.pk


@pytest.mark.proves("races.plans")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_racers_do_not_get_past_the_limit(own_database, guarded, monkeypatch):
    """With the limit's lock taken away (the negative control) all of them do."""
    if not guarded:
        monkeypatch.setattr(asking, "lock_named", lambda _name: None)
        monkeypatch.setattr(asking, "allows", after_everybody(8, asking.allows))
    context = context_for(ALPHA_ID)
    assert context is not None
    limited = with_limit(context, 3)
    with tenant_scope(limited):
        service = make_service()
        bookers = [partial(make_booking, service, on(17, hour), f"Person{hour}") for hour in range(9, 17)]

        outcomes = run_at_once(limited, bookers)

        booked = 3 if guarded else 8
        assert len(of_type(outcomes, Booking)) == booked
        assert len(of_type(outcomes, LimitReached)) == 8 - booked


def messages_for(event: type[Event]) -> list[dict]:
    """What lies in the outbox for events of this class."""
    with platform_scope(reason="test"):
        return [row.payload for row in OutboxMessage.objects.order_by("created_at", "id") if row.event_type == event.event_type]


def with_limit(context, limit: int):
    return replace(context, entitlements={"bookings_per_month": limit})
