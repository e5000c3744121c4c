"""The owner walks from the platform into their marketplace; nobody else does, in no other browser, and not twice."""

import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.utils import timezone

from shared_apps.accounts.models import User
from shared_apps.audit.models import AuditEntry
from shared_apps.entry import services
from shared_apps.entry.errors import EntryRefused, NotYourMarketplace
from shared_apps.entry.models import EntryCode
from shared_apps.entry.rules import challenge_of
from shared_apps.entry.services import (
    Entry,
    forget_old_codes,
    grant_entry,
    issue_entry_code,
    redeem_entry_code,
    revoke_entry,
)
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.types import TenantStatus
from tests.factories.people import PASSWORD, is_signed_in, make_user, sign_in
from tests.factories.racing import race
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_member

OWNER = "owner@twin.example"
NONCE = "a nonce that one browser holds"


def make_owner(tenants, *, verified: bool = True, password: str | None = PASSWORD) -> User:
    """Owns these marketplaces, and is a person of their own in each and on the platform."""
    with platform_scope(reason="test"):
        user = make_user(OWNER, verified=verified, password=password)
    for tenant in tenants:
        with tenant_scope(tenant):
            member = make_member(OWNER, "owner", verified=verified)
        with platform_scope(reason="test"):
            grant_entry(user=user, tenant_id=tenant.id, member_id=member.public_id)
    return user


@pytest.fixture
def owner(alpha, beta) -> User:
    return make_owner([alpha, beta])


@pytest.fixture
def at_home(owner, platform_client) -> Client:
    """The owner's browser, signed in on the platform."""
    sign_in(platform_client, OWNER)
    return platform_client


def begin(client: Client) -> str:
    """The marketplace's door: gives the browser its nonce; returns where it sends the browser."""
    return client.get("/enter/")["Location"]


def ask(client: Client, location: str):
    """The platform's answer to the marketplace's question."""
    parts = urlsplit(location)
    assert f"{parts.scheme}://{parts.netloc}" == "http://localhost"
    return client.get(f"{parts.path}?{parts.query}")


def finish(client: Client, location: str):
    parts = urlsplit(location)
    return client.get(f"{parts.path}?{parts.query}")


def code_in(location: str) -> str:
    return parse_qs(urlsplit(location).query)["code"][0]


def test_the_owner_walks_in_and_is_signed_in(at_home, alpha_client, alpha):
    sent = ask(at_home, begin(alpha_client))
    entered = finish(alpha_client, sent["Location"])

    assert sent["Location"].startswith(f"{alpha.base_url}/enter/?code=")
    assert sent["Referrer-Policy"] == "no-referrer"
    assert entered["Location"] == "/manage/"
    assert is_signed_in(alpha_client)


def test_who_walked_in_is_the_marketplaces_own_owner(at_home, alpha_client, alpha):
    finish(alpha_client, ask(at_home, begin(alpha_client))["Location"])

    assert OWNER in alpha_client.get("/accounts/security/").content.decode()
    with tenant_scope(alpha):
        own = User.objects.get(email=OWNER)
        assert alpha_client.session["_auth_user_id"] == str(own.pk)


def test_the_walk_is_in_the_audit_trail(at_home, alpha_client, alpha):
    finish(alpha_client, ask(at_home, begin(alpha_client))["Location"])

    with platform_scope(reason="test"):
        entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_label, entry.tenant_id) == ("marketplace.entered", OWNER, alpha.id)


def test_the_page_of_marketplaces_leads_to_each(at_home, alpha, beta):
    page = at_home.get("/account/").content.decode()

    assert f'href="{alpha.base_url}/enter/"' in page
    assert f'href="{beta.base_url}/enter/"' in page


WAY_IN = '<a href="/enter/">Are you the owner? Come in this way</a>'


@pytest.mark.parametrize(("status", "words"), [("suspended", "Paused by the platform"), ("maintenance", "Under maintenance")])
def test_the_page_of_marketplaces_says_which_are_not_served_for_now(at_home, alpha, beta, status, words):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=alpha.id).update(status=status)

    page = at_home.get("/account/").content.decode()

    assert words in page
    assert alpha.name in page
    assert f"{alpha.base_url}/enter/" not in page
    assert f"{beta.base_url}/enter/" in page


def test_who_owns_nothing_but_a_suspended_marketplace_is_not_told_to_start_one(at_home, alpha, beta):
    with platform_scope(reason="test"):
        Tenant.objects.update(status=TenantStatus.SUSPENDED)

    page = at_home.get("/account/").content.decode()

    assert page.count("Paused by the platform") == 2
    assert "No marketplace yet" not in page


def test_who_is_stopped_before_the_backoffice_may_walk_in_with_the_platforms_account(at_home, alpha_client):
    stopped = alpha_client.get("/manage/bookings/", follow=True)
    finish(alpha_client, ask(at_home, begin(alpha_client))["Location"])

    assert WAY_IN in stopped.content.decode()
    assert is_signed_in(alpha_client)


def test_a_wrong_password_leaves_the_platforms_way_in_on_the_page(owner, alpha_client):
    refused = alpha_client.post("/accounts/login/", {"login": OWNER, "password": "not it", "next": "/manage/"})

    assert WAY_IN in refused.content.decode()


@pytest.mark.parametrize("query", ["", "?next=/account/", "?next=/managers/", "?next=//elsewhere.example/manage/"])
def test_customers_who_sign_in_are_not_told_of_the_platform(alpha_client, query):
    assert "/enter/" not in alpha_client.get(f"/accounts/login/{query}").content.decode()


def test_on_the_platform_there_is_no_way_to_the_platform(platform_client):
    assert "/enter/" not in platform_client.get("/accounts/login/?next=/manage/").content.decode()


def test_an_owner_who_changes_their_address_on_one_side_still_walks_in(owner, at_home, alpha, alpha_client):
    with platform_scope(reason="test"):
        User.objects.filter(pk=owner.pk).update(email="olive@new.example")
    with tenant_scope(alpha):
        User.objects.update(email="olive@market.example")

    finish(alpha_client, ask(at_home, begin(alpha_client))["Location"])

    assert is_signed_in(alpha_client)


def test_somebody_who_takes_over_the_owners_old_address_does_not(owner, alpha, alpha_client, platform_client):
    with platform_scope(reason="test"):
        User.objects.filter(pk=owner.pk).update(email="olive@new.example")
        EmailAddress.objects.update(email="olive@new.example")
        make_user(OWNER)
    sign_in(platform_client, OWNER)

    assert ask(platform_client, begin(alpha_client)).status_code == 404


def test_only_a_hash_of_the_code_is_stored(at_home, alpha_client):
    code = code_in(ask(at_home, begin(alpha_client))["Location"])

    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(e)::text FROM entry_entrycode e")
        assert code not in cursor.fetchone()[0]


# --- refused


def test_a_stranger_is_sent_to_sign_in_first(owner, platform_client, alpha_client):
    answer = ask(platform_client, begin(alpha_client))

    assert answer["Location"] == "/accounts/login/?next=/account/"
    assert "Owners come in through Stoa" in platform_client.get(answer["Location"]).text


def test_whose_sandbox_it_is_stands_among_the_marketplaces(at_home, alpha, beta):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=beta.id).update(sandbox_of_id=alpha.id)

    page = at_home.get("/account/").text

    assert f"Open {alpha.name}" in page
    assert f"Open the sandbox of {alpha.name}" in page
    assert page.count("Sandbox of") == 1


def test_somebody_elses_marketplace_looks_like_none(alpha_client, platform_client, owner):
    with platform_scope(reason="test"):
        make_user("mallory@twin.example")
    sign_in(platform_client, "mallory@twin.example")

    foreign = ask(platform_client, begin(alpha_client))
    unknown = platform_client.get("/enter/no-such-market/")

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content


def test_a_code_works_once(at_home, alpha_client):
    location = ask(at_home, begin(alpha_client))["Location"]
    nonce = alpha_client.cookies["stoa_entry"].value
    finish(alpha_client, location)
    alpha_client.post("/accounts/logout/")
    alpha_client.cookies["stoa_entry"] = nonce

    again = finish(alpha_client, location)

    assert again.status_code == 403
    assert not is_signed_in(alpha_client)


def test_a_code_is_worthless_after_a_minute(at_home, alpha_client):
    location = ask(at_home, begin(alpha_client))["Location"]

    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        late = finish(alpha_client, location)

    assert late.status_code == 403
    assert not is_signed_in(alpha_client)


def test_a_code_for_alpha_does_not_open_its_twin(at_home, alpha_client, beta_client):
    location = ask(at_home, begin(alpha_client))["Location"]
    beta_client.cookies["stoa_entry"] = alpha_client.cookies["stoa_entry"].value

    assert finish(beta_client, location).status_code == 403
    assert not is_signed_in(beta_client)


def test_a_code_does_not_open_in_another_browser_and_is_spent_by_the_try(at_home, alpha_client, client, alpha):
    location = ask(at_home, begin(alpha_client))["Location"]
    thief = Client(headers={"host": alpha.primary_host})

    stolen = finish(thief, location)
    then_mine = finish(alpha_client, location)

    assert (stolen.status_code, then_mine.status_code) == (403, 403)
    assert not is_signed_in(thief)


def test_a_strangers_link_does_not_sign_me_in_as_the_stranger(at_home, alpha, alpha_client):
    """The owner as attacker: their own code, opened in a victim's browser that has a nonce of its own."""
    location = ask(at_home, begin(alpha_client))["Location"]
    victim = Client(headers={"host": alpha.primary_host})
    begin(victim)

    assert finish(victim, location).status_code == 403
    assert not is_signed_in(victim)


def test_without_the_browsers_nonce_the_stolen_code_would_open(at_home, alpha_client, alpha, monkeypatch):
    """Negative control."""
    location = ask(at_home, begin(alpha_client))["Location"]
    thief = Client(headers={"host": alpha.primary_host})
    monkeypatch.setattr(services, "challenge_of", lambda _nonce: EntryCode.objects.get().browser_challenge)

    finish(thief, location)

    assert is_signed_in(thief)


def test_an_owner_no_more_does_not_get_in(at_home, alpha, alpha_client):
    with tenant_scope(alpha):
        User.objects.get(email=OWNER).memberships.all().delete()

    answer = finish(alpha_client, ask(at_home, begin(alpha_client))["Location"])

    assert answer.status_code == 403
    assert "does not know you as its owner" in answer.content.decode()


def test_a_malformed_challenge_gets_no_code(at_home):
    assert at_home.get("/enter/alpha/?challenge=short").status_code == 403
    with platform_scope(reason="test"):
        assert EntryCode.objects.count() == 0


# --- services


@pytest.mark.usefixtures("in_platform")
def test_a_code_is_issued_to_the_owner_only():
    mallory = make_user("mallory@twin.example")

    with pytest.raises(NotYourMarketplace):
        issue_entry_code(user=mallory, slug="alpha", browser_challenge=challenge_of(NONCE))

    assert EntryCode.objects.count() == 0


def test_closing_the_way_in_spoils_codes_under_way(owner, at_home, alpha, alpha_client):
    location = ask(at_home, begin(alpha_client))["Location"]
    with platform_scope(reason="test"):
        revoke_entry(user=owner, tenant_id=alpha.id)

    assert finish(alpha_client, location).status_code == 403


def test_a_marketplace_that_is_not_open_gets_no_code(owner, at_home):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(status=TenantStatus.SUSPENDED)

    assert at_home.get(f"/enter/alpha/?challenge={challenge_of(NONCE)}").status_code == 404


def test_old_codes_are_forgotten(owner):
    noon = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    with platform_scope(reason="test"):
        issue_entry_code(user=owner, slug="alpha", browser_challenge=challenge_of(NONCE), now=noon)

        assert forget_old_codes(now=noon + timedelta(minutes=1)) == 0
        assert forget_old_codes(now=noon + timedelta(minutes=3)) == 1


def _redeem_in_a_race(racers: int) -> list[object]:
    alpha = context_for(ALPHA_ID)
    assert alpha is not None
    owner = make_owner([alpha])
    with platform_scope(reason="test"):
        code = issue_entry_code(user=owner, slug="alpha", browser_challenge=challenge_of(NONCE)).code

    def redeem(_number: int) -> Entry:
        return redeem_entry_code(code=code, tenant_id=ALPHA_ID, host=alpha.primary_host, browser_nonce=NONCE)

    return race(racers, redeem)


@pytest.mark.proves("races.people")
def test_of_racers_with_one_code_exactly_one_gets_in(own_database):
    results = _redeem_in_a_race(8)

    refused = [result for result in results if isinstance(result, EntryRefused)]
    assert len(refused) == 7
    with platform_scope(reason="test"):
        assert AuditEntry.objects.count() == 1


@pytest.mark.control
@pytest.mark.proves("races.people")
def test_without_the_conditional_update_more_would_get_in(own_database, monkeypatch):
    """Negative control: all have looked before any has written."""
    all_looked = threading.Barrier(4)

    def spend(code_hash: str, now: datetime) -> bool:
        is_unused = EntryCode.objects.filter(code_hash=code_hash, used_at=None).exists()
        all_looked.wait(timeout=10)
        EntryCode.objects.filter(code_hash=code_hash).update(used_at=now)
        return is_unused

    monkeypatch.setattr(services, "_spend", spend)

    results = _redeem_in_a_race(4)

    assert [type(result) for result in results] == [Entry] * 4
