"""The way back to a booking: whoever lost its link, or sees it in the wrong hands, gets one that works, by mail alone."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenant_apps.bookings.events import LinkRenewed, LinksAsked
from tenant_apps.bookings.handlers import write_links, write_new_link
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import LINK_LIFE
from tenant_apps.bookings.selectors import manage_path
from tenant_apps.bookings.selectors.letters import letter_with_links
from tenant_apps.bookings.selectors.links import with_live_links
from tenant_apps.bookings.services import rates, renew_link
from tenants.rates import Rate
from tenants.scope import tenant_scope
from tests.bookings.rows import make_booking, make_service, manager_actor, on, reread
from tests.factories.events import published

pytestmark = pytest.mark.usefixtures("at_now")


@pytest.fixture(autouse=True)
def _real_subscriptions(settings):
    settings.EVENT_SUBSCRIPTIONS = "config.subscriptions.SUBSCRIPTIONS"


FIND = "/find-booking/"
FIONA = {"email": "Fiona@Customer.Example"}


def _delivered(tenant) -> list:
    """The mails that a worker sends for what is asked for in `tenant` so far."""
    mail.outbox.clear()
    with tenant_scope(tenant):
        for event in published(LinksAsked, tenant_id=tenant.id):
            write_links(event)
        for renewed in published(LinkRenewed, tenant_id=tenant.id):
            write_new_link(renewed)
    return mail.outbox


def _asked_by(client, address: str) -> tuple[object, ...]:
    """All that can be told from outside of an asking, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        sent = client.post(FIND, {"email": address})
    return sent.status_code, sent.url, client.get(sent.url).content, len(queries)


def _links(text: str) -> list[str]:
    return re.findall(r"https?://[^\s/]+(/b/[^/\s]+/)\s", text)


def test_a_lost_link_comes_by_mail_and_works(alpha_client, alpha, link):
    answer = alpha_client.post(FIND, FIONA)

    [letter] = _delivered(alpha)
    assert letter.subject == f"Your bookings at {alpha.name}"
    assert (answer.status_code, answer.url) == (303, f"{FIND}?sent=asked")
    assert letter.to == ["fiona@customer.example"]
    assert _links(letter.body) == [link]
    assert alpha_client.get(link).status_code == 200


def test_a_known_and_an_unknown_address_are_answered_alike(alpha_client, alpha, link):
    alpha_client.get(FIND)

    known, unknown = (_asked_by(alpha_client, address) for address in ("fiona@customer.example", "nobody@customer.example"))

    letters = {message.to[0]: message for message in _delivered(alpha)}
    assert known == unknown
    assert letters["nobody@customer.example"].subject.startswith("No bookings at")
    assert _links(letters["nobody@customer.example"].body) == []
    assert _links(letters["fiona@customer.example"].body) == [link]


def test_one_letter_has_what_is_ahead_first_and_nothing_of_others_or_of_long_ago(in_alpha):
    service = make_service()
    past, ended, later, sooner = (make_booking(service, on(day, 10)) for day in (17, 18, 20, 19))
    make_booking(service, on(20, 14), "Lewis")
    Booking.objects.filter(pk=past.pk).update(closed_at=on(17, 11))
    Booking.objects.filter(pk=ended.pk).update(closed_at=on(18, 10) - LINK_LIFE)

    found = with_live_links("FIONA@customer.example ", now=on(18, 11, 30))

    assert [row.pk for row in found] == [row.pk for row in (sooner, later, past)]
    assert _links(letter_with_links(found).links[-1].url + " ") == [manage_path(past)]


def test_a_letter_has_ten_links_at_most(in_alpha):
    service = make_service()
    for day in range(17, 29):
        make_booking(service, on(day, 10))

    assert len(with_live_links("fiona@customer.example", now=on(16, 8))) == 10
    assert len(with_live_links("fiona@customer.example", now=on(20, 8))) == 10


@pytest.mark.parametrize("handed", ["", "fiona", "fiona@", "x" * 250 + "@customer.example"])
def test_what_is_no_address_is_said_beside_the_field_and_stays(alpha_client, handed):
    answer = alpha_client.post(FIND, {"email": handed})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert f'value="{handed}"' in answer.content.decode() or not handed


@pytest.mark.parametrize("limit", ["LINKS", "ALL_LINKS"])
def test_too_many_askings_are_refused_and_send_nothing(alpha_client, alpha, monkeypatch, limit):
    monkeypatch.setattr(rates, limit, Rate(f"test-{limit}", 1, 3600))
    first, second = "a@customer.example", "b@customer.example"

    alpha_client.post(FIND, {"email": first})
    refused = alpha_client.post(FIND, {"email": second})

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert second in refused.content.decode()
    assert len(published(LinksAsked, tenant_id=alpha.id)) == 1


@pytest.mark.parametrize("limit", ["LINKS_TO", "LINKS_TO_ANYWHERE"])
def test_an_address_that_got_enough_letters_is_answered_as_ever_and_gets_no_other(alpha_client, alpha, monkeypatch, limit):
    monkeypatch.setattr(rates, limit, Rate("links-to", 1, 3600))
    alpha_client.get(FIND)

    first, second = (_asked_by(alpha_client, address)[:3] for address in ("Ann@customer.example", "ann@CUSTOMER.example"))

    assert first == second
    assert [event.email for event in published(LinksAsked, tenant_id=alpha.id)] == ["ann@customer.example"]


def test_many_marketplaces_do_not_fill_one_inbox(alpha_client, beta_client, alpha, beta, monkeypatch):
    monkeypatch.setattr(rates, "LINKS_TO_ANYWHERE", Rate("links-to", 3, 3600))

    for client in (alpha_client, beta_client, alpha_client, beta_client):
        assert client.post(FIND, FIONA).status_code == 303
    beta_client.post(FIND, {"email": "ann@customer.example"})

    asked = [[event.email for event in published(LinksAsked, tenant_id=tenant.id)] for tenant in (alpha, beta)]
    assert asked == [["fiona@customer.example"] * 2, ["fiona@customer.example", "ann@customer.example"]]


@pytest.mark.parametrize("page", ["", "booking.ics", "move/", "cancel/", "renew/"])
def test_a_dead_link_shows_the_way_to_a_live_one(alpha_client, alpha, link, on_friday, page):
    with tenant_scope(alpha):
        renew_link(actor=manager_actor(), booking=on_friday)

    answer = alpha_client.get(f"{link}{page}")

    text = unescape(answer.content.decode())
    assert answer.status_code == 404
    assert "This link is not valid" in text
    assert f'action="{FIND}"' in text
    assert "Fiona" not in text


def test_an_ended_link_shows_the_way_too(alpha_client, alpha, link, on_friday):
    with tenant_scope(alpha):
        Booking.objects.filter(pk=on_friday.pk).update(closed_at=on(20, 10))

    with time_machine.travel(on(20, 10) + LINK_LIFE + timedelta(days=1), tick=False):
        answer = alpha_client.get(link)

    assert f'action="{FIND}"' in answer.content.decode()


def test_a_link_in_the_wrong_hands_ends_and_the_new_one_goes_to_the_customer_alone(alpha_client, alpha, link, on_friday):
    shown = alpha_client.get(f"{link}renew/")
    still = alpha_client.get(link)
    answer = alpha_client.post(f"{link}renew/", follow=True)

    with tenant_scope(alpha):
        fresh = manage_path(reread(on_friday))
    [letter] = _delivered(alpha)
    assert (shown.status_code, still.status_code, alpha_client.get(link).status_code) == (200, 200, 404)
    assert fresh != link
    assert fresh not in answer.content.decode()
    assert letter.to == ["fiona@customer.example"]
    assert _links(letter.body) == [fresh]
    assert alpha_client.get(fresh).status_code == 200


def test_only_the_latest_of_two_new_links_is_sent(in_alpha):
    booking = make_booking(make_service(), on(20, 10))
    for _ in range(2):
        renew_link(actor=manager_actor(), booking=booking)

    for event in published(LinkRenewed) * 2:
        write_new_link(event)

    [letter] = mail.outbox
    assert _links(letter.body) == [manage_path(reread(booking))]


def test_the_twin_has_no_part_in_it(alpha_client, alpha, beta, link):
    with tenant_scope(beta):
        make_booking(make_service(), on(20, 10))

    alpha_client.post(FIND, FIONA)

    [letter] = _delivered(alpha)
    assert _links(letter.body) == [link]
    assert published(LinksAsked, tenant_id=beta.id) == []


def test_every_page_leads_to_the_lost_booking(alpha_client):
    assert f'href="{FIND}"' in alpha_client.get("/").content.decode()
