"""A look-alike of a customer's address opens none of their bookings: not by a letter, not by an account (R49)."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from shared_apps.accounts.events import CustomerVerified
from shared_apps.accounts.models import User
from tenant_apps.bookings.events import LinksAsked
from tenant_apps.bookings.handlers import claim_bookings, claim_new_booking, write_links
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.services import claim_bookings_of
from tenant_apps.bookings.services.claiming import ask_for_links
from tenants.scope import tenant_scope
from tests.bookings.rows import make_booking, make_service, on, reread
from tests.factories.events import published

pytestmark = pytest.mark.usefixtures("at_now")

REAL = "fiona@gmail.com"
LOOK_ALIKE = "fiona@gma\u0131l.com"
ENCODED = "fiona@xn--gmal-nza.com"


@pytest.fixture(autouse=True)
def _real_subscriptions(settings):
    settings.EVENT_SUBSCRIPTIONS = "config.subscriptions.SUBSCRIPTIONS"


@pytest.fixture
def booking(in_alpha) -> Booking:
    return make_booking(make_service(), on(20, 10), email=REAL)


def _ask(tenant, address: str) -> list:
    ask_for_links(email=address, visitor="192.0.2.1", language="en")
    mail.outbox.clear()
    for event in published(LinksAsked, tenant_id=tenant.id):
        write_links(event)
    return mail.outbox


def test_the_links_are_sent_to_the_bookings_own_address(booking, in_alpha):
    [letter] = _ask(in_alpha, "Fiona@GMAIL.com")

    assert letter.to == [REAL]
    assert "/b/" in letter.body


def test_who_asks_under_a_look_alike_learns_of_no_booking(booking, in_alpha):
    [letter] = _ask(in_alpha, LOOK_ALIKE)

    assert letter.to == [ENCODED]
    assert letter.subject.startswith("No bookings at")
    assert "/b/" not in letter.body


def test_an_asking_from_before_the_one_form_is_answered_no_otherwise(booking, in_alpha):
    mail.outbox.clear()

    write_links(LinksAsked(booking.public_id, LOOK_ALIKE, "en"))

    [letter] = mail.outbox
    assert letter.to == [ENCODED]
    assert "/b/" not in letter.body


def test_the_page_refuses_what_is_no_address_of_any_server(alpha, alpha_client):
    answer = alpha_client.post("/find-booking/", {"email": "f\u0131ona@gmail.com"})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    with tenant_scope(alpha):
        assert published(LinksAsked, tenant_id=alpha.id) == []


def test_an_account_that_proved_a_look_alike_claims_nothing(booking):
    mallory = User.objects.create_user(LOOK_ALIKE)

    claim_bookings(CustomerVerified(user_id=mallory.pk, email=LOOK_ALIKE))
    claim_bookings(CustomerVerified(user_id=mallory.pk, email=mallory.email))

    assert reread(booking).customer_id is None
    assert claim_bookings_of(user_id=mallory.pk, email="no address") == 0


def test_a_later_booking_goes_to_no_look_alike_either(in_alpha, outbox):
    mallory = User.objects.create_user(LOOK_ALIKE)
    EmailAddress.objects.create(user=mallory, email=mallory.email, verified=True, primary=True)
    booking = make_booking(make_service(), on(20, 10), email=REAL)

    for event in outbox():
        claim_new_booking(event)

    assert reread(booking).customer_id is None


def test_a_booking_is_kept_under_the_one_form_of_what_was_typed(in_alpha):
    service = make_service()

    typed, plain = (
        make_booking(service, on(20, hour), email=email) for hour, email in ((10, LOOK_ALIKE), (12, " Fiona@Gmail.COM "))
    )

    assert (reread(typed).email, reread(plain).email) == (ENCODED, REAL)
