"""Whoever is concerned gets one letter, in their language, on their clock, with the file for their calendar."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import transaction
from icalendar import Calendar

from config.subscriptions import SUBSCRIPTIONS
from kernel.events import publish
from shared_apps.accounts.events import CustomerVerified
from shared_apps.accounts.models import User
from tenant_apps.bookings.events import BookingCompleted, BookingConfirmed, BookingRequested
from tenant_apps.bookings.handlers import claim_bookings, claim_new_booking, write_to_customer, write_to_provider
from tenant_apps.bookings.permissions import link_holder
from tenant_apps.bookings.selectors.letters import letter_to_customer
from tenant_apps.bookings.services import (
    cancel_booking,
    confirm_booking,
    decline_booking,
    expire_pending,
    reschedule_booking,
)
from tenant_apps.bookings.types import Party
from tenant_apps.catalog.types import Approval
from tenant_apps.members.types import Role
from tenant_apps.notifications.models import SentMail
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.bookings.rows import NOW, make_booking, make_provider, make_service, manager_actor, on, provider_actor, reread
from tests.factories.tenants import ALPHA_ID
from tests.kernel.outbox_messages import deliver_due
from tests.members.helpers import make_member


@pytest.fixture
def told(outbox, at_now):
    """Runs both letter handlers for everything published so far, and gives the mails by recipient."""

    def run() -> dict[str, list]:
        mail.outbox.clear()
        for event in outbox():
            write_to_customer(event)
            write_to_provider(event)
        by_recipient: dict[str, list] = {"fiona@customer.example": [], "ines@twin.example": []}
        for message in mail.outbox:
            by_recipient[message.to[0]].append(message)
        return by_recipient

    return run


def test_both_sides_are_told_of_a_booking_with_a_file_each(in_alpha, told):
    make_booking(make_service(), on(20, 10), note="Ring <twice>.")

    mails = told()

    [to_customer], [to_provider] = mails["fiona@customer.example"], mails["ines@twin.example"]
    assert to_customer.subject == "Confirmed: Deep clean, Friday 20 November, 10:00"
    assert to_provider.subject == "Booked: Fiona Murray, Friday 20 November, 10:00"
    assert "See you on Friday" in to_customer.body
    assert "You can move or cancel free of charge until Thursday 19 November, 10:00, London time." in to_customer.body
    assert "+44 131 496 0123" in to_provider.body
    assert "“Ring <twice>.”" in to_provider.body
    assert "Ring &lt;twice&gt;." in to_provider.alternatives[0].content
    assert [calendar["METHOD"] for calendar in (file_of(to_customer), file_of(to_provider))] == ["REQUEST", "REQUEST"]


def test_a_provider_answers_the_customer_and_a_customer_the_organization(in_alpha, told):
    make_member("owner@twin.example", Role.OWNER)
    make_booking(make_service(), on(20, 10))

    mails = told()

    assert [message.reply_to for message in mails["ines@twin.example"]] == [["fiona@customer.example"]]
    assert [message.reply_to for message in mails["fiona@customer.example"]] == [["owner@twin.example"]]


def test_a_letter_about_a_time_within_the_notice_offers_no_move(in_alpha, told):
    make_booking(make_service(), on(16, 15))

    [to_customer] = told()["fiona@customer.example"]

    assert "This booking can no longer be moved or cancelled free of charge" in to_customer.body
    assert "Move or cancel" not in to_customer.body


def test_a_letter_tells_what_is_possible_at_the_moment_that_it_is_written_for(in_alpha, outbox):
    booking = make_booking(make_service(), on(20, 10))
    [event] = [event for event in outbox() if isinstance(event, BookingConfirmed)]

    early, late = (letter_to_customer(event, reread(booking), now=moment) for moment in (on(16, 9), on(20, 9)))

    assert early.footnote.startswith("You can move or cancel free of charge until Thursday 19 November, 10:00")
    assert late.footnote.startswith("This booking can no longer be moved or cancelled free of charge")
    assert [early.links[1].label, late.links[1].label] == ["Move or cancel", "Cancel"]


def test_the_link_in_the_mail_opens_the_booking(in_alpha, told, alpha_client):
    make_booking(make_service(), on(20, 10))

    [message] = told()["fiona@customer.example"]
    link = next(line.split(": ")[1] for line in message.body.splitlines() if line.startswith("View booking"))

    assert link.startswith("http://alpha.localhost/b/")
    assert alpha_client.get(link.removeprefix("http://alpha.localhost")).status_code == 200


def test_a_handler_that_runs_twice_sends_once(in_alpha, told):
    make_booking(make_service(), on(20, 10))
    first = told()
    second = told()

    assert [len(mails) for mails in first.values()] == [1, 1]
    assert [len(mails) for mails in second.values()] == [0, 0]


def test_a_request_and_its_answer(in_alpha, told):
    request_ = make_booking(make_service(approval=Approval.REQUEST), on(20, 10))
    asked = told()
    confirm_booking(actor=provider_actor(request_.service), booking=reread(request_), now=NOW)
    answered = told()

    assert asked["fiona@customer.example"][0].subject.startswith("Request sent: Deep clean")
    assert asked["ines@twin.example"][0].subject.startswith("Please answer: Fiona Murray")
    assert "Answer by Friday 20 November, 07:00" in asked["ines@twin.example"][0].body
    assert "Ines Duarte has said yes." in answered["fiona@customer.example"][0].body
    assert "You have said yes to Fiona Murray" in answered["ines@twin.example"][0].body


def test_a_no_carries_its_reason_and_a_way_to_other_times(in_alpha, told):
    request_ = make_booking(make_service(approval=Approval.REQUEST), on(20, 10))
    told()
    decline_booking(actor=manager_actor(), booking=request_, reason="Away.", now=NOW)

    [message] = told()["fiona@customer.example"]

    assert "“Away.”" in message.body
    assert f"http://alpha.localhost/services/{request_.service.slug}/" in message.body
    assert file_of(message)["METHOD"] == "CANCEL"


def test_a_move_says_what_was_before(in_alpha, told):
    booking = make_booking(make_service(), on(20, 10))
    told()
    reschedule_booking(actor=link_holder(booking), booking=booking, starts_at=on(20, 14), now=NOW)

    mails = told()

    assert "Before it was Friday 20 November, 10:00." in mails["fiona@customer.example"][0].body
    assert "that time is free again" in mails["ines@twin.example"][0].body


def test_a_late_cancellation_is_called_late_to_the_provider(in_alpha, told):
    booking = make_booking(make_service(), on(20, 10))
    told()
    cancel_booking(actor=link_holder(booking), booking=booking, reason="Ill.", now=on(20, 8))

    mails = told()

    assert "Cancelled late" in mails["ines@twin.example"][0].body
    assert "You called this booking off." in mails["fiona@customer.example"][0].body


def test_a_provider_who_cancels_is_not_said_to_be_the_customer(in_alpha, told):
    booking = make_booking(make_service(), on(20, 10))
    told()
    cancel_booking(actor=provider_actor(booking.service), booking=booking, reason="Ill.", now=NOW)

    assert "Ines Duarte had to cancel" in told()["fiona@customer.example"][0].body


def test_a_lapsed_request_is_told_to_both(in_alpha, told):
    make_booking(make_service(approval=Approval.REQUEST), on(20, 10))
    told()
    expire_pending(now=on(20, 10))

    mails = told()

    assert "did not answer in time" in mails["fiona@customer.example"][0].body
    assert "has lapsed" in mails["ines@twin.example"][0].body


def test_each_reads_their_own_clock_with_the_others_beside_it(in_alpha, told):
    service = make_service(make_provider(zone="Europe/London"))
    make_booking(service, on(20, 10), time_zone="Asia/Tokyo")

    mails = told()

    assert "Friday 20 November, 19:00 to 20:00, Tokyo time\n10:00 to 11:00 in London" in mails["fiona@customer.example"][0].body
    assert "10:00 to 11:00, London time\n19:00 to 20:00 in Tokyo" in mails["ines@twin.example"][0].body


def test_where_both_clocks_show_the_same_it_is_said_once(in_alpha, told):
    make_booking(make_service(), on(20, 10), time_zone="Europe/Lisbon")

    assert "London" not in told()["fiona@customer.example"][0].body


def test_each_reads_their_own_language(in_alpha, told):
    service = make_service()
    User.objects.filter(pk=service.provider.user_id).update(language="de")
    make_booking(service, on(20, 10), language="fr")

    mails = told()

    assert "vendredi 20 novembre" in mails["fiona@customer.example"][0].subject
    assert "Freitag, 20. November" in mails["ines@twin.example"][0].subject
    assert '<html lang="fr"' in mails["fiona@customer.example"][0].alternatives[0].content


def test_nobody_is_told_confirmed_after_cancelled(in_alpha, outbox):
    booking = make_booking(make_service(), on(20, 10))
    [confirmed] = outbox()
    cancel_booking(actor=link_holder(booking), booking=booking, now=NOW)
    mail.outbox.clear()

    write_to_customer(confirmed)
    write_to_provider(confirmed)

    assert mail.outbox == []


def test_nobody_is_asked_to_answer_what_is_answered(in_alpha, outbox):
    request_ = make_booking(make_service(approval=Approval.REQUEST), on(20, 10))
    [asked] = outbox()
    confirm_booking(actor=manager_actor(), booking=request_, now=NOW)

    write_to_provider(asked)

    assert isinstance(asked, BookingRequested)
    assert mail.outbox == []


def test_a_profile_without_an_account_gets_no_mail_and_the_customer_does(in_alpha, told):
    service = make_service()
    service.provider.user = None
    service.provider.save(update_fields=["user"])
    make_booking(service, on(20, 10))

    mails = told()

    assert [len(sent) for sent in mails.values()] == [1, 0]


def test_an_event_without_a_letter_and_one_of_a_booking_that_is_gone_write_nothing(in_alpha):
    booking = make_booking(make_service(), on(20, 10))
    booking_id, service = booking.public_id, booking.service
    write_to_customer(BookingCompleted(booking_id, 0, Party.SYSTEM))
    booking.delete()

    write_to_customer(BookingConfirmed(booking_id, 0, Party.CUSTOMER, was_requested=False))

    assert service.pk
    assert mail.outbox == []


def test_a_proven_address_claims_its_bookings(in_alpha):
    booking, user = make_booking(make_service(), on(20, 10)), User.objects.create_user("fiona@customer.example")

    claim_bookings(CustomerVerified(user_id=user.pk, email="fiona@customer.example"))

    assert reread(booking).customer_id == user.pk


def test_from_the_booking_to_both_mailboxes_through_the_real_outbox(own_database):
    context = context_for(ALPHA_ID)
    assert context is not None
    mail.outbox = []
    with tenant_scope(context):
        booking = make_booking(make_service(), on(20, 10))

    outcomes = deliver_due()

    assert {outcome.value for outcome in outcomes} == {"done"}
    assert sorted(message.to[0] for message in mail.outbox) == ["fiona@customer.example", "ines@twin.example"]
    with tenant_scope(context), transaction.atomic():
        publish(BookingConfirmed(booking.public_id, 0, Party.CUSTOMER, was_requested=False))
    deliver_due()
    assert len(mail.outbox) == 2


def file_of(message) -> Calendar:
    [part] = message.attachments
    return Calendar.from_ical(part.get_content())


def test_no_letter_of_a_move_follows_one_that_says_more(in_alpha, told):
    service = make_service()
    cancelled, moved_on = make_booking(service, on(20, 10)), make_booking(service, on(21, 10))
    told()
    reschedule_booking(actor=manager_actor(), booking=cancelled, starts_at=on(20, 12), now=NOW)
    cancel_booking(actor=manager_actor(), booking=cancelled, now=NOW)
    reschedule_booking(actor=manager_actor(), booking=moved_on, starts_at=on(21, 12), now=NOW)
    reschedule_booking(actor=manager_actor(), booking=moved_on, starts_at=on(21, 14), now=NOW)
    SentMail.objects.all().delete()

    subjects = [message.subject for message in told()["fiona@customer.example"]]

    assert [subject for subject in subjects if subject.startswith("New time")] == [
        "New time: Deep clean, Saturday 21 November, 14:00"
    ]


@pytest.mark.parametrize(("is_proven", "owner"), [(True, "fiona"), (False, None)])
def test_a_booking_as_a_guest_finds_the_account_that_owns_its_address(in_alpha, outbox, is_proven, owner):
    fiona = User.objects.create_user("fiona@customer.example")
    EmailAddress.objects.create(user=fiona, email="Fiona@customer.example", verified=is_proven, primary=True)
    booking = make_booking(make_service(), on(20, 10))

    for event in outbox():
        claim_new_booking(event)
        claim_new_booking(event)

    assert reread(booking).customer == (fiona if owner else None)


def test_every_new_booking_looks_for_its_account():
    for event in (BookingRequested, BookingConfirmed):
        assert "tenant_apps.bookings.handlers.claim_new_booking" in SUBSCRIPTIONS[event]
