"""What the owner of a marketplace that is not served reads on the platform, and how they get there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from kernel import clock
from shared_apps.audit.services import record
from shared_apps.audit.types import RESUMED, SUSPENDED, WORDS_FOR_OWNERS
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.entry.test_walk import OWNER, make_owner
from tests.factories.people import PASSWORD, make_user, sign_in
from tests.factories.tenants import ALPHA_ID, BETA_ID

PAGE = "/account/standing/alpha/"
WORDS = "Your card was refused. Send us a new one."


def becomes(tenant_id=ALPHA_ID, **fields) -> None:
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=tenant_id).update(**fields)
    host_cache.clear()


def noted(action: str = SUSPENDED, words: str = WORDS, tenant_id=ALPHA_ID) -> None:
    with platform_scope(reason="test"):
        record(
            action=action,
            actor_label="op@stoa.example",
            actor_kind="operator",
            tenant_id=tenant_id,
            reason="third dunning letter",
            data={WORDS_FOR_OWNERS: words},
        )


@pytest.fixture
def at_home(alpha, beta, platform_client) -> Client:
    """The owner of both, signed in on the platform."""
    make_owner([alpha, beta])
    sign_in(platform_client, OWNER)
    return platform_client


def test_the_owner_who_comes_to_manage_it_is_led_to_why_and_whom_to_ask(at_home, alpha_client, settings):
    becomes(status="suspended")
    noted()

    stopped = alpha_client.get("/manage/")
    page = at_home.get(PAGE).text

    assert stopped.status_code == 403
    assert f'href="{settings.PLATFORM_URL}{PAGE}"' in stopped.text
    assert WORDS in page
    assert "mailto:hello@" in page
    assert "third dunning letter" not in page


def test_who_is_not_signed_in_yet_comes_there_by_signing_in(alpha, beta, platform_client):
    make_owner([alpha, beta])
    becomes(status="suspended")

    asked = platform_client.get(PAGE)
    signed_in = platform_client.post(asked["Location"], {"login": OWNER, "password": PASSWORD})

    assert asked["Location"] == f"/accounts/login/?next={PAGE}"
    assert signed_in["Location"] == PAGE


def test_without_words_the_page_says_whom_to_ask(at_home):
    becomes(status="suspended")
    noted(words="")

    page = at_home.get(PAGE).text

    assert "has left no word for you" in page
    assert "mailto:hello@" in page


def test_words_of_an_earlier_suspension_are_not_shown_for_another_one(at_home):
    noted()
    noted(RESUMED)
    becomes(status="suspended")

    page = at_home.get(PAGE)

    assert page.status_code == 200
    assert WORDS not in page.text


def test_the_owner_of_a_closed_one_is_led_to_opening_it_again(at_home, alpha_client, settings):
    now = clock.now()
    becomes(status="closing", closing_since_at=now, erases_at=now + timedelta(days=30), closed_from="active")

    stopped = alpha_client.get("/manage/")
    answer = at_home.get(PAGE)

    assert stopped.status_code == 410
    assert f'href="{settings.PLATFORM_URL}{PAGE}"' in stopped.text
    assert (answer.status_code, answer["Location"]) == (302, "/account/closed/alpha/")
    assert "Open it again" in at_home.get(answer["Location"]).text


def test_in_service_again_it_is_among_the_marketplaces(at_home):
    answer = at_home.get(PAGE)

    assert (answer.status_code, answer["Location"]) == (302, "/account/")


def test_the_owner_of_a_sandbox_reads_about_its_marketplace(at_home):
    becomes(sandbox_of_id=BETA_ID)
    becomes(BETA_ID, status="suspended", name="Beta Original")
    noted(tenant_id=BETA_ID)

    page = at_home.get(PAGE).text

    assert "Beta Original is suspended" in page
    assert WORDS in page


@pytest.mark.control
def test_somebody_elses_is_not_found(alpha, platform_client):
    becomes(status="suspended")
    noted()
    with platform_scope(reason="test"):
        make_user("mallory@twin.example")
    sign_in(platform_client, "mallory@twin.example")

    assert platform_client.get(PAGE).status_code == 404


def test_the_list_of_marketplaces_leads_there(at_home):
    becomes(status="suspended")

    assert f'href="{PAGE}"' in at_home.get("/account/").text


def test_what_billing_alone_has_suspended_says_what_is_still_open(at_home):
    becomes(status="suspended", suspended_by=["billing"], keeps_bookings=True)

    page = at_home.get(PAGE).text

    assert "can call it off" in page
    assert "What the operator says" not in page
