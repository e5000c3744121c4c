"""What happens in a marketplace is counted from its events, and from its rows at night, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
import time_machine

from config.subscriptions import SUBSCRIPTIONS
from kernel.outbox.models import OutboxMessage
from provisioning.events import OrganizationLive
from shared_apps.metering.selectors import usage_by_month
from shared_apps.metering.services import count_facts
from shared_apps.metering.types import ACTIVE_PROVIDERS, API_CALLS, BOOKINGS, STORAGE
from tenant_apps.backoffice.handlers import begin_counting, count_booking, count_provider, count_use, weigh_storage
from tenant_apps.backoffice.jobs import CountUse
from tenant_apps.backoffice.services import metering
from tenant_apps.bookings import events
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.services import cancel_booking, decline_booking
from tenant_apps.bookings.types import Party
from tenant_apps.catalog.events import ServicePublished
from tenant_apps.catalog.models import Service
from tenant_apps.catalog.types import Approval
from tenant_apps.providers.events import PicturesStored
from tenant_apps.providers.models import Provider
from tenants.scope import platform_scope, tenant_scope
from tests.bookings.rows import make_booking, make_provider, make_service, manager_actor, on, reread
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.metering.rows import NOVEMBER, NOW, fact, used

COUNT_BOOKING = "tenant_apps.backoffice.handlers.count_booking"


@pytest.fixture(autouse=True)
def monday(in_alpha):
    with time_machine.travel(NOW, tick=False):
        yield


def heard(booking: Booking) -> events.BookingEvent:
    """Any of its events: what counts is how the booking stands."""
    return events.BookingMoved(booking.public_id, booking.sequence, Party.CUSTOMER, NOW)


def test_every_event_that_changes_what_counts_is_listened_to():
    listening = {event for event, handlers in SUBSCRIPTIONS.items() if COUNT_BOOKING in handlers}

    assert listening == {
        events.BookingRequested, events.BookingConfirmed, events.BookingDeclined, events.BookingCancelled, events.BookingLapsed,
    }  # fmt: skip


def test_a_booking_counts_once_with_its_provider_once():
    service = make_service()
    first, second = make_booking(service, on(17, 9)), make_booking(service, on(18, 9))

    for booking in (first, second, first, second, second):
        count_booking(heard(booking))

    assert (used(BOOKINGS), used(ACTIVE_PROVIDERS)) == (2, 1)


def test_called_off_in_good_time_it_counts_no_more_whenever_that_is_heard():
    booking = make_booking(make_service(), on(20, 9))
    count_booking(heard(booking))
    cancel_booking(actor=manager_actor(), booking=reread(booking), now=NOW + timedelta(hours=2))

    for _time in range(2):
        count_booking(heard(booking))

    assert (used(BOOKINGS), used(ACTIVE_PROVIDERS)) == (0, 1)


def test_a_cancellation_that_is_heard_first_adds_up_to_the_same():
    booking = make_booking(make_service(), on(20, 9))
    cancel_booking(actor=manager_actor(), booking=reread(booking), now=NOW + timedelta(hours=2))

    count_booking(heard(booking))

    assert used(BOOKINGS) == 0


def test_called_off_late_it_still_counts():
    booking = make_booking(make_service(), on(17, 9))
    cancel_booking(actor=manager_actor(), booking=reread(booking), now=NOW + timedelta(hours=5))

    count_booking(heard(booking))

    assert used(BOOKINGS) == 1


def test_a_request_that_is_declined_counts_no_more():
    booking = make_booking(make_service(approval=Approval.REQUEST), on(20, 9))
    count_booking(heard(booking))
    assert used(BOOKINGS) == 1

    decline_booking(actor=manager_actor(), booking=reread(booking), now=NOW)
    count_booking(heard(booking))

    assert used(BOOKINGS) == 0


@pytest.mark.parametrize("order", list(permutations(["event", "night", "again"])))
def test_the_nightly_count_and_events_count_the_same_things_once(order, monkeypatch):
    monkeypatch.setattr(metering, "AT_ONCE", 2)
    service = make_service()
    bookings = [make_booking(service, on(20 + number, 9)) for number in range(3)]
    cancel_booking(actor=manager_actor(), booking=reread(bookings[0]), now=NOW + timedelta(hours=2))

    for step in order:
        if step == "event":
            for booking in bookings:
                count_booking(heard(booking))
        else:
            job: CountUse | None = CountUse()
            while job is not None:
                job = count_use(job)

    assert used(BOOKINGS) == 2


def test_a_marketplace_that_opens_is_counted_at_once_and_a_sandbox_never(alpha):
    event = OrganizationLive(tenant_id=ALPHA_ID, name="Twin", owner_email="ada@twin.example")
    with tenant_scope(replace(alpha, sandbox_of=BETA_ID)):
        begin_counting(event)
    assert counts_to_come() == 0

    for _time in range(2):
        begin_counting(event)

    assert SUBSCRIPTIONS[OrganizationLive][-1] == "tenant_apps.backoffice.handlers.begin_counting"
    assert counts_to_come() == 1


def counts_to_come() -> int:
    with platform_scope(reason="test"):
        return OutboxMessage.objects.filter(tenant_id=ALPHA_ID, event_type=CountUse.event_type).count()


def test_who_puts_something_on_sale_is_active_in_that_month():
    provider = make_provider()
    event = ServicePublished(make_service(provider).public_id, provider.public_id, NOW)

    count_provider(event)
    count_use(CountUse())
    count_provider(event)

    on_sale = Service.objects.all().listed().values("provider").distinct().count()
    assert used(ACTIVE_PROVIDERS) == on_sale > 0


def test_storage_is_what_pictures_weigh_and_keeps_its_peak():
    provider = make_provider()
    Provider.objects.update(logo_bytes=0, header_image_bytes=0)
    Provider.objects.filter(pk=provider.pk).update(logo_bytes=3_000)
    weigh_storage(PicturesStored(provider.public_id))
    Provider.objects.filter(pk=provider.pk).update(logo_bytes=1_000)
    weigh_storage(PicturesStored(provider.public_id))

    assert used(STORAGE) == 3_000


def test_the_what_if_reads_months_in_the_plans_units(django_assert_num_queries):
    count_facts([fact("a"), fact("b"), fact("traffic:1", amount=7, meter=API_CALLS)], now=NOW)

    with django_assert_num_queries(1):
        found = usage_by_month([ALPHA_ID, BETA_ID], [NOVEMBER])

    assert found == {ALPHA_ID: {NOVEMBER: {"bookings_per_month": 2, "api_calls_per_month": 7}}}
