"""The founder walks in before the address is proved: soon, in one browser, and only until somebody proves it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from kernel import clock
from shared_apps.accounts.services import sign_out_everywhere
from shared_apps.entry.services import founder_of, remember_founder, revoke_entry
from tenants.scope import platform_scope
from tests.entry.founders import PROOFS, founder_browser
from tests.entry.test_walk import ask, begin, finish
from tests.factories.people import is_signed_in
from tests.factories.tenants import ALPHA_ID

pytestmark = pytest.mark.proves("isolation.replay")


def test_a_founder_walks_into_what_they_founded(founder, alpha_client):
    browser = founder_browser(founder)

    finish(alpha_client, ask(browser, begin(alpha_client))["Location"])

    assert is_signed_in(alpha_client)


def test_a_founder_opens_neither_the_platform_nor_another_marketplace_of_that_address(founder, beta_client):
    browser = founder_browser(founder)

    assert ask(browser, begin(beta_client))["Location"].startswith("/accounts/login/")
    assert not is_signed_in(browser)


def test_a_founder_who_is_no_owner_gets_no_code(founder, alpha_client):
    browser = founder_browser(founder)
    with platform_scope(reason="test"):
        revoke_entry(user=founder, tenant_id=ALPHA_ID)

    assert ask(browser, begin(alpha_client)).status_code == 404


@pytest.mark.parametrize("proof", PROOFS)
def test_the_pass_ends_when(founder, alpha_client, proof):
    browser = founder_browser(founder)
    with platform_scope(reason="test"):
        PROOFS[proof](founder)

    answer = ask(browser, begin(alpha_client))

    assert answer.status_code == 404 or answer["Location"].startswith("/accounts/login/")


def test_the_pass_ends_after_ten_minutes(founder, alpha_client):
    browser = founder_browser(founder)

    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        answer = ask(browser, begin(alpha_client))

    assert answer["Location"].startswith("/accounts/login/")


def _sign_in_page(browser: Client, marketplace: Client) -> str:
    return browser.get(ask(browser, begin(marketplace))["Location"]).content.decode()


STANDS = "stands. Sign in to enter it."


@pytest.mark.parametrize("proof", ["the address is verified", "a password is chosen"])
def test_a_founder_who_must_sign_in_first_is_told_that_the_marketplace_stands(founder, alpha, alpha_client, proof):
    with platform_scope(reason="test"):
        PROOFS[proof](founder)
    browser = founder_browser(founder)

    page = _sign_in_page(browser, alpha_client)

    assert f"{alpha.name} {STANDS}" in page
    assert not is_signed_in(browser)


def test_nobody_else_is_told_that_it_stands(founder, alpha_client, beta_client):
    browser = founder_browser(founder)
    stranger = Client(headers={"host": "localhost"})

    assert STANDS not in _sign_in_page(stranger, alpha_client)
    assert STANDS not in _sign_in_page(browser, beta_client)
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        assert STANDS not in _sign_in_page(browser, alpha_client)


def test_asking_for_the_pass_again_neither_prolongs_nor_revives_it(founder):
    browser, founded_at = founder_browser(founder), clock.now()
    with platform_scope(reason="test"):
        session = browser.session
        remember_founder(session, user=founder, slug="alpha", founded_at=founded_at)
        sign_out_everywhere(user=founder)
        founder.refresh_from_db()
        remember_founder(session, user=founder, slug="alpha", founded_at=founded_at)

        assert founder_of(session, slug="alpha") is None
        assert founder_of(session, slug="alpha", now=founded_at + timedelta(minutes=11)) is None


def test_a_pass_of_the_kind_that_never_ended_opens_nothing(founder, alpha_client):
    browser = Client(headers={"host": "localhost"})
    with platform_scope(reason="test"):
        session = browser.session
        session["entry_founder"] = {"user": founder.public_id.hex, "slug": "alpha"}
        session.save()

    assert ask(browser, begin(alpha_client))["Location"].startswith("/accounts/login/")


# --- Mallory founds a marketplace with Ann's address; then Ann chooses a password
