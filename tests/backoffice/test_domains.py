"""Settings, domains: what the owner sees, sets and removes."""

from __future__ import annotations

import re

import pytest

from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState
from tenants.models import Tenant
from tenants.scope import platform_scope
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

    assert "They are part of Studio and Hall" in page
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

    assert newest().state == ClaimState.VERIFIED
    assert "It is proven that the domain is yours." in page
    assert "The name leads nowhere" in page
    assert "Add the address record of this page." in page


def test_a_domain_that_does_not_lead_here_cannot_be_the_main_address(owner):
    domain = add(owner)

    page = text(owner.post(f"{URL}{domain.outside_id}/primary/", follow=True))

    assert "must lead here before" in page
    assert "Make it the main address" not in page


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


def test_the_list_asks_no_more_for_more_domains(owner, django_assert_max_num_queries):
    def queries() -> int:
        with django_assert_max_num_queries(60) as captured:
            owner.get(URL)
        return len(captured)

    add(owner)
    with_one = queries()
    for number in range(5):
        owner.post(URL, {"host": f"b{number}.acme-cleaning.com"})

    assert queries() == with_one
