"""Nothing is taken from a domain for one slip: of a zone, of our proxy, or of the operator's own records."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.outbox.models import OutboxMessage
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.rules.states import CONFIRMED_AFTER
from shared_apps.domains.services import checking, run_check, use_as_primary
from shared_apps.domains.types import CHALLENGE, ClaimState
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.domains.conftest import HOST, OURS, OWNER, THEIRS, certificate, fresh, prove
from tests.factories.tenants import ALPHA_ID

pytestmark = pytest.mark.proves("faults.domains")

TARGET = "domains.stoa-market.com"
MINUTE = timedelta(minutes=1)


def primary() -> str:
    with platform_scope(reason="test"):
        return Tenant.objects.prefetch_related("domains").get(pk=ALPHA_ID).as_context().primary_host


def letters() -> int:
    with platform_scope(reason="test"):
        return OutboxMessage.objects.filter(event_type="domains.domain_changed.v1").count()


def choose(domain: CustomDomain) -> None:
    use_as_primary(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id)


@pytest.fixture
def live(bring) -> CustomDomain:
    domain = bring()
    choose(domain)
    return fresh(domain)


@pytest.fixture
def by_name(settings, dns):
    """The platform has no fixed addresses: our own name's are asked for."""
    settings.DOMAIN_ADDRESSES, settings.DOMAIN_TARGET = [], TARGET
    dns.set(TARGET, "A", OURS)


def test_a_second_look_that_finds_all_well_leaves_everything_as_it_was_and_tells_nobody(live, dns, moments):
    told = letters()
    dns.set(HOST, "A", THEIRS)
    run_check(live.pk)
    assert (fresh(live).state, primary()) == (ClaimState.LIVE, HOST)
    dns.set(HOST, "A", OURS)
    moments.pass_by(CONFIRMED_AFTER[ClaimState.LIVE, ClaimState.FAILING])

    run_check(live.pk)

    assert (fresh(live).state, fresh(live).hint, primary()) == (ClaimState.LIVE, "", HOST)
    assert letters() == told


def test_two_looks_that_agree_are_told_with_what_they_saw(live, dns, look_twice):
    told = letters()
    dns.set(HOST, "A", THEIRS)

    look_twice(live)

    assert fresh(live).state == ClaimState.FAILING
    assert primary() == "alpha.localhost"
    with platform_scope(reason="test"):
        newest = OutboxMessage.objects.filter(event_type="domains.domain_changed.v1").latest("created_at", "id")
    assert letters() == told + 1
    assert len(newest.payload["change_ids"]) == 2


def test_without_a_certificate_the_platforms_address_is_primary_until_there_is_one(live, probe, moments, look_twice):
    probe.certificates.clear()
    run_check(live.pk)
    assert primary() == HOST

    moments.pass_by(MINUTE)
    run_check(live.pk)
    assert (fresh(live).state, primary()) == (ClaimState.ISSUING, "alpha.localhost")
    probe.certificates[HOST] = certificate()
    run_check(live.pk)

    assert (fresh(live).state, primary()) == (ClaimState.LIVE, HOST)


def test_a_proxy_that_is_away_says_nothing_about_certificates(live, probe, moments):
    probe.is_away = True

    for _ in range(5):
        moments.pass_by(timedelta(hours=6))
        run_check(live.pk)

    assert (fresh(live).state, fresh(live).hint, primary()) == (ClaimState.LIVE, "", HOST)


def test_the_owners_choice_is_remembered_on_the_whole_way_back(live, dns, probe, look_twice):
    dns.set(HOST, "A", THEIRS)
    look_twice(live)
    probe.certificates.clear()
    dns.set(HOST, "A", OURS)
    run_check(live.pk)
    assert (fresh(live).state, primary()) == (ClaimState.ISSUING, "alpha.localhost")

    probe.certificates[HOST] = certificate()
    run_check(live.pk)

    assert (fresh(live).state, primary()) == (ClaimState.LIVE, HOST)


@pytest.mark.parametrize("records", [(), (THEIRS,)])
def test_a_slip_in_the_platforms_own_records_moves_no_domain(by_name, bring, dns, moments, records):
    domain = bring()
    dns.set(HOST, "CNAME", TARGET)
    dns.set(TARGET, "A", *records)

    for _ in range(4):
        moments.pass_by(timedelta(days=1))
        run_check(domain.pk)

    assert (fresh(domain).state, fresh(domain).hint) == (ClaimState.LIVE, "")


def test_an_alias_of_an_alias_of_our_name_leads_here(by_name, claim, dns, look_twice):
    domain = claim()
    prove(dns, domain)
    dns.set(HOST, "CNAME", "shop.acme-cleaning.com")
    dns.set("shop.acme-cleaning.com", "CNAME", TARGET)
    dns.set(HOST, "A", THEIRS)  # what the name of ours answered a moment ago

    look_twice(domain)
    run_check(domain.pk)

    assert fresh(domain).findings["address"][0] == "here"
    assert fresh(domain).state == ClaimState.ISSUING


def test_a_circle_of_aliases_leads_nowhere(by_name, claim, dns, look_twice):
    domain = claim()
    prove(dns, domain)
    dns.set(HOST, "CNAME", "shop.acme-cleaning.com")
    dns.set("shop.acme-cleaning.com", "CNAME", HOST)

    look_twice(domain)

    assert fresh(domain).findings["address"][0] == "none"


def test_what_was_never_live_goes_back_without_alarm(claim, dns, look_twice):
    domain = claim()
    prove(dns, domain)
    look_twice(domain)
    told = letters()
    dns.set(HOST, "A", OURS)
    run_check(domain.pk)
    assert fresh(domain).state == ClaimState.ISSUING
    dns.set(HOST, "A", THEIRS)

    run_check(domain.pk)

    assert (fresh(domain).state, fresh(domain).failing_since_at) == (ClaimState.VERIFIED, None)
    assert letters() == told


def test_a_name_proven_in_a_stolen_moment_is_free_again_within_the_hour(claim, dns, moments, look_twice):
    domain = claim()
    prove(dns, domain)
    look_twice(domain)
    dns.set(f"{CHALLENGE}.{HOST}", "TXT")
    run_check(domain.pk)
    assert fresh(domain).state == ClaimState.FAILING
    moments.pass_by(timedelta(hours=1))

    run_check(domain.pk)

    assert (fresh(domain).state, fresh(domain).release_reason) == (ClaimState.RELEASED, "gone")


def test_an_authority_that_refuses_is_asked_ever_more_seldom_and_the_market_stays_where_it_is(
    claim, dns, probe, moments, look_twice
):
    domain = claim()
    prove(dns, domain)
    look_twice(domain)
    dns.set(HOST, "A", OURS)
    run_check(domain.pk)
    began = moments.now

    while moments.now < began + timedelta(days=2):
        moments.now = fresh(domain).next_check_at
        run_check(domain.pk)

    assert (fresh(domain).state, primary()) == (ClaimState.ISSUING, "alpha.localhost")
    assert 30 <= len(probe.looked) <= 50  # every twenty seconds for ten minutes, then ever longer apart, to six hours
    assert fresh(domain).next_check_at - moments.now == timedelta(hours=6)


@pytest.fixture
def all_gone(bring, dns, moments) -> list[CustomDomain]:
    """Five live domains that lost their addresses in the same round, four days ago."""
    domains = [bring(f"b{number}.acme-cleaning.com") for number in range(5)]
    for domain in domains:
        dns.set(domain.host, "A", THEIRS)
        run_check(domain.pk)
    moments.pass_by(CONFIRMED_AFTER[ClaimState.LIVE, ClaimState.FAILING])
    for domain in domains:
        run_check(domain.pk)
        assert fresh(domain).state == ClaimState.FAILING
    moments.pass_by(timedelta(days=4))
    return domains


def test_many_that_fail_in_one_round_are_not_given_up(all_gone, dns):
    for domain in all_gone:
        run_check(domain.pk)
    assert {fresh(domain).state for domain in all_gone} == {ClaimState.FAILING}

    for domain in all_gone:
        dns.set(domain.host, "A", OURS)
        run_check(domain.pk)

    assert {fresh(domain).state for domain in all_gone} == {ClaimState.LIVE}


@pytest.mark.control
def test_without_the_alarm_all_of_them_would_be_lost(all_gone, monkeypatch):
    monkeypatch.setattr(checking, "failed_with_many", lambda _domain: False)

    for domain in all_gone:
        run_check(domain.pk)

    assert {fresh(domain).state for domain in all_gone} == {ClaimState.RELEASED}


def test_a_few_that_fail_are_given_up_though_others_failed_long_before(bring, dns, look_twice, moments):
    early = [bring(f"b{number}.acme-cleaning.com") for number in range(3)]
    for domain in early:
        dns.set(domain.host, "A", THEIRS)
        look_twice(domain)
    moments.pass_by(timedelta(days=1))
    late = bring()
    dns.set(HOST, "A", THEIRS)
    look_twice(late)
    moments.pass_by(timedelta(days=4))

    run_check(late.pk)

    assert fresh(late).state == ClaimState.RELEASED
