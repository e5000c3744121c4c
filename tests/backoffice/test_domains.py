"""Settings, domains: what the owner sees, sets and removes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from shared_apps.accounts.models import User
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState
from tenants.hosts import context_for
from tenants.models import Domain, Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.types import DomainState
from tests.backoffice.market import DOMAIN, browser
from tests.factories.tenants import ALPHA_ID

URL = "/manage/settings/domains/"
HOST = "book.acme-cleaning.com"


pytestmark = pytest.mark.usefixtures("dns")


@pytest.fixture
def owner(as_, market):
    """The owner of a marketplace whose plan has domains."""
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(entitlements=dict(market.entitlements) | {"custom_domain": True})
    return as_("owner")


def newest() -> CustomDomain:
    with platform_scope(reason="test"):
        return CustomDomain.objects.filter(tenant_id=ALPHA_ID, host=HOST).latest("id")


def add(owner) -> CustomDomain:
    owner.post(URL, {"host": HOST})
    return newest()


def text(answer) -> str:
    return answer.content.decode()


def test_without_a_domain_the_page_says_what_to_do(owner):
    page = text(owner.get(URL))

    assert "No domain of your own yet" in page
    assert 'name="host"' in page
    assert "alpha.localhost" in page


def test_a_plan_without_domains_says_what_to_do_instead(as_):
    owner = as_("owner")

    page = text(owner.get(URL))
    answer = owner.post(URL, {"host": HOST})

    assert "Your plan has no domains of your own." in page
    assert 'name="host"' not in page
    assert answer.status_code == 402
    assert "not part of your plan" in text(answer)


def test_an_added_domain_shows_the_records_to_set_with_buttons_to_copy_them(owner):
    domain = add(owner)

    page = text(owner.get(f"{URL}{domain.outside_id}/"))

    assert re.findall(r'<stoa-copy[^>]*>\s*<input class="input" value="([^"]+)"', page) == [
        f"_stoa-challenge.{HOST}",
        f"stoa-verify={domain.token}",
        HOST,
        "localhost",
    ]
    assert "Not looked at yet" in page


@pytest.mark.parametrize(
    ("host", "status", "sentence"),
    [
        ("https://acme-cleaning.com/", 422, "Give the name alone"),
        ("192.0.2.1", 422, "This is an IP address"),
        ("co.uk", 422, "Everybody registers names below"),
        ("beta.localhost", 422, "reserved"),
        ("", 422, "required"),
    ],
)
def test_a_name_that_cannot_be_had_is_refused_beside_its_field(owner, host, status, sentence):
    answer = owner.post(URL, {"host": host})

    assert answer.status_code == status
    assert sentence in " ".join(answer.context["form"].errors["host"])
    with platform_scope(reason="test"):
        assert not CustomDomain.objects.exclude(state=ClaimState.RELEASED).exists()


def test_checking_now_finds_the_proof_and_then_the_way_here(owner, dns, monkeypatch):
    domain = add(owner)
    dns.set(f"_stoa-challenge.{HOST}", "TXT", f"stoa-verify={domain.token}")

    page = text(owner.post(f"{URL}{domain.outside_id}/check/", follow=True))

    assert newest().hint == ClaimState.VERIFIED
    assert "we look a second time in a minute" in page
    assert "The name leads nowhere" in page
    assert "Add the address record for this platform." in page


def test_a_domain_that_does_not_lead_here_cannot_be_the_primary_address(owner):
    domain = add(owner)

    page = text(owner.post(f"{URL}{domain.outside_id}/primary/", follow=True))

    assert "must be live, with a certificate" in page
    assert "Make it the primary address" not in page


def owner_id():
    with tenant_scope(context_for(ALPHA_ID)):
        return User.objects.get(email="owner@twin.example").public_id


@pytest.fixture
def live(owner) -> CustomDomain:
    add(owner)
    with platform_scope(reason="test"):
        CustomDomain.objects.filter(host=HOST).update(state=ClaimState.LIVE)
        Domain.objects.create(tenant_id=ALPHA_ID, host=HOST, state=DomainState.LIVE)
    return newest()


def test_before_the_primary_address_changes_the_page_says_that_everybody_signs_in_again(owner, live):
    page = text(owner.get(f"{URL}{live.outside_id}/primary/"))

    assert f"Make “{HOST}” the primary address?" in page
    assert "your staff and your customers sign in once more" in page
    with platform_scope(reason="test"):
        assert not Domain.objects.get(host=HOST).is_primary


@pytest.mark.parametrize(("is_owner", "way_in"), [(True, "/enter/"), (False, "/manage/settings/domains/")])
def test_afterwards_the_owner_is_walked_to_the_new_address(owner, live, is_owner, way_in, monkeypatch):
    found = {"ids": []}
    monkeypatch.setattr("tenant_apps.backoffice.views.primary_domain.members_who_own", lambda _tenant_id: found["ids"])
    found["ids"] = [owner_id()] if is_owner else []

    answer = owner.post(f"{URL}{live.outside_id}/primary/")

    assert answer.status_code == 200  # a form's answer may not lead to another host
    assert f'href="http://{HOST}{way_in}"' in text(answer)
    with platform_scope(reason="test"):
        assert Domain.objects.get(host=HOST).is_primary


def test_the_way_back_to_the_address_on_the_platform_asks_beforehand_too(owner, live):
    assert "Make “alpha.localhost” the primary address?" in text(owner.get(f"{URL}platform/"))

    assert "Go on at alpha.localhost" in text(owner.post(f"{URL}platform/"))


def test_names_in_other_letters_are_shown_and_typed_as_people_read_them(owner):
    owner.post(URL, {"host": "bücher-lesen.de"})
    with platform_scope(reason="test"):
        domain = CustomDomain.objects.get(host="xn--bcher-lesen-thb.de")

    page = text(owner.get(f"{URL}{domain.outside_id}/remove/"))
    owner.post(f"{URL}{domain.outside_id}/remove/", {"confirm_name": "bücher-lesen.de"})

    assert "Type “bücher-lesen.de” to go on" in page
    with platform_scope(reason="test"):
        assert CustomDomain.objects.get(pk=domain.pk).state == ClaimState.RELEASED


def test_a_domain_that_fails_says_when_it_is_removed_and_stands_on_the_first_page(owner, live):
    since = datetime(2026, 11, 20, 9, tzinfo=UTC)
    with platform_scope(reason="test"):
        CustomDomain.objects.filter(pk=live.pk).update(state=ClaimState.FAILING, failing_since_at=since, live_at=since)

    page, home = text(owner.get(f"{URL}{live.outside_id}/")), text(owner.get("/manage/"))

    assert 'datetime="2026-11-23T09:00:00' in page
    assert f"{URL}{live.outside_id}/" in home
    assert "The domain lost a record that it needs" in home


def test_name_servers_that_do_not_answer_are_told_on_the_page(owner, dns):
    domain = add(owner)
    dns.silent |= {HOST}

    page = text(owner.post(f"{URL}{domain.outside_id}/check/", follow=True))

    assert "Nobody answers when we ask where the name leads" in page
    assert "No answer since" in page
    assert "Looked at on" in page  # of the proof, about which somebody answered


def test_each_record_to_copy_has_a_name_of_its_own_and_is_read_from_the_left(owner):
    domain = add(owner)

    page = text(owner.get(f"{URL}{domain.outside_id}/"))

    labels = re.findall(r'<stoa-copy[^>]*>\s*<input class="input"[^>]*aria-label="([^"]+)" dir="ltr"', page)
    assert len(labels) == len(set(labels)) == 4
    assert re.findall(r'aria-hidden="true">(Name|Value)<', page) == ["Name", "Value"] * 2


def test_a_domain_is_removed_by_typing_its_name(owner):
    domain = add(owner)
    remove = f"{URL}{domain.outside_id}/remove/"

    refused = owner.post(remove, {"confirm_name": "something"})
    assert (refused.status_code, newest().state) == (422, ClaimState.CLAIMED)
    assert "This is not its name" in text(refused)
    owner.post(remove, {"confirm_name": HOST})

    assert newest().state == ClaimState.RELEASED
    assert HOST not in text(owner.get(URL))


def test_the_twins_domain_is_not_found(owner, beta):
    with platform_scope(reason="test"):
        theirs = CustomDomain.objects.exclude(tenant_id=ALPHA_ID).get()

    assert owner.get(f"{URL}{theirs.outside_id}/").status_code == 404
    assert owner.get(f"{URL}{DOMAIN}/").status_code == 200
    assert browser(beta, "owner").get(f"{URL}{DOMAIN}/").status_code == 404
