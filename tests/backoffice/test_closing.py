"""The owner closes the marketplace: its name typed, a fresh proof of who they are; and who else may not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from kernel import clock
from shared_apps.audit.models import AuditEntry
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.backoffice.market import NOW

URL = "/manage/settings/close/"
NAME = "Twin Market"


def status_of(market) -> str:
    with platform_scope(reason="test"):
        return Tenant.objects.values_list("status", flat=True).get(pk=market.id)


def test_the_page_tells_what_is_still_to_come_before_it_asks(as_, market):
    answer = as_("owner").get(URL)

    text = " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
    assert answer.status_code == 200
    assert "2 bookings are still to come" in text
    assert "Until 16 December 2026 everything is kept" in text


def test_with_its_name_it_is_closed_and_the_page_says_until_when(as_, market):
    answer = as_("owner").post(URL, {"confirm_name": NAME})

    assert answer.status_code == 200
    assert "/account/" in answer.content.decode()
    with platform_scope(reason="test"):
        row = Tenant.objects.get(pk=market.id)
        entry = AuditEntry.objects.get(action="tenant.closed")
    assert (row.status, row.closed_from, row.erases_at) == ("closing", "active", NOW + timedelta(days=30))
    assert (entry.tenant_id, entry.actor_label) == (market.id, "owner@twin.example")
    host_cache.clear()
    assert as_("provider").get("/").status_code == 410


def test_another_name_closes_nothing(as_, market, beta):
    answer = as_("owner").post(URL, {"confirm_name": "Twins"})

    assert answer.status_code == 422
    assert (status_of(market), status_of(beta)) == ("active", "active")


@pytest.mark.parametrize("ask", ["get", "post"])
def test_who_has_a_sandbox_is_led_to_its_removal_and_asked_for_no_name(as_, market, beta, ask):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=beta.id).update(sandbox_of_id=market.id)

    answer = getattr(as_("owner"), ask)(URL, {"confirm_name": NAME})

    page = answer.content.decode()
    assert answer.status_code == {"get": 200, "post": 409}[ask]
    assert f"It has a sandbox, “{beta.slug}”. Remove that first." in page
    assert 'href="/manage/settings/sandbox/remove/"' in page
    assert "confirm_name" not in page
    assert "to come" not in page
    assert status_of(market) == "active"


def test_a_sandbox_leads_to_the_page_that_says_whose_it_is(as_, market, beta):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(sandbox_of_id=beta.id)
    host_cache.clear()

    page = as_("owner").get(URL).content.decode()

    assert "it is not closed, but removed" in page
    assert 'href="/manage/settings/sandbox/"' in page
    assert "confirm_name" not in page


def test_an_owner_who_has_been_here_for_long_shows_first_who_they_are(as_, market, monkeypatch):
    owner = as_("owner")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=400))

    answer = owner.post(URL, {"confirm_name": NAME})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert status_of(market) == "active"


def test_only_owners_are_shown_the_way_and_may_go_it(as_, market):
    assert URL in as_("owner").get("/manage/settings/").content.decode()
    for who in ("manager", "provider"):
        assert as_(who).post(URL, {"confirm_name": NAME}).status_code == 403
    assert status_of(market) == "active"
