"""Whose turn it is: nobody's slow name servers, pressing or trouble costs the others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.errors import Throttled
from shared_apps.domains import tasks
from shared_apps.domains.models import CustomDomain, DomainChange
from shared_apps.domains.services import LEASE, check_domain_now, checking, run_check, take_due_checks, tidy_domains
from shared_apps.domains.types import ClaimState
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.domains.conftest import HOST, OURS, OWNER, fresh, prove
from tests.factories.tenants import ALPHA_ID, BETA_ID

pytestmark = pytest.mark.proves("faults.domains")


def due(moments) -> list[int]:
    with platform_scope(reason="test"):
        return take_due_checks(now=moments.now)


def ask(domain: CustomDomain) -> CustomDomain:
    return check_domain_now(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id)


@pytest.fixture
def sent(monkeypatch) -> list[tuple]:
    found: list[tuple] = []
    monkeypatch.setattr(tasks, "are_workers_behind", lambda _queue: False)
    monkeypatch.setattr(tasks.check_domain, "apply_async", lambda args, **options: found.append((args, options)))
    return found


def test_an_organization_has_three_looks_at_a_time_and_the_others_go_on(claim, moments):
    for number in range(6):
        claim(f"b{number}.acme-cleaning.com")
    betas = claim("book.twin-cleaning.com", BETA_ID)
    moments.pass_by(timedelta(minutes=5))

    first, second = due(moments), due(moments)
    moments.pass_by(LEASE)
    third = due(moments)

    assert (len(first), betas.pk in first, second, len(third)) == (4, True, [], 4)


def test_an_organization_that_has_ended_is_not_looked_at(bring, dns, moments):
    domain = bring()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(status="closing")
    moments.pass_by(timedelta(days=1))
    dns.asked.clear()

    assert due(moments) == []
    run_check(domain.pk)

    assert dns.asked == []
    assert fresh(domain).state == ClaimState.LIVE


def test_a_look_is_sent_with_its_lease_and_into_its_queue(claim, moments, sent, settings):
    domain = claim()
    moments.pass_by(timedelta(minutes=5))
    settings.DOMAIN_QUEUE = "names"

    with platform_scope(reason="test"):
        tasks.sweep_domains.run()

    lease = moments.now + LEASE
    assert sent == [([domain.pk, lease.isoformat()], {"expires": LEASE.total_seconds(), "queue": "names"})]
    assert fresh(domain).looking_until_at == lease


def test_workers_that_are_behind_are_sent_no_more(claim, moments, sent, monkeypatch):
    domain = claim()
    moments.pass_by(timedelta(minutes=5))
    monkeypatch.setattr(tasks, "are_workers_behind", lambda _queue: True)

    with platform_scope(reason="test"):
        tasks.sweep_domains.run()

    assert sent == []
    assert fresh(domain).looking_until_at is None


def test_a_task_that_comes_after_its_lease_looks_at_nothing(claim, moments, dns):
    domain = claim()
    moments.pass_by(timedelta(minutes=5))
    due(moments)
    old = moments.now + LEASE
    moments.pass_by(LEASE)
    due(moments)

    with platform_scope(reason="test"):
        tasks.check_domain.run(domain.pk, old.isoformat())
    assert dns.asked == []
    with platform_scope(reason="test"):
        tasks.check_domain.run(domain.pk, (moments.now + LEASE).isoformat())

    assert dns.asked != []
    assert fresh(domain).looking_until_at is None


def test_trouble_that_nobody_expected_puts_a_domain_back_and_is_raised(bring, monkeypatch, moments):
    domain = bring()
    monkeypatch.setattr(checking, "observe_fully", lambda *_args, **_named: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        run_check(domain.pk)

    assert fresh(domain).state == ClaimState.LIVE
    assert fresh(domain).next_check_at == moments.now + timedelta(hours=6)
    assert fresh(domain).looking_until_at is None


def test_a_look_in_between_brings_the_whole_one_forward(bring, dns, moments):
    domain = bring()
    moments.pass_by(timedelta(hours=1))
    dns.set(HOST, "CAA", "issue digicert.com")

    asked = ask(domain)
    assert asked.findings["caa"][0] == "open"
    assert due(moments) == [domain.pk]
    run_check(domain.pk)

    assert fresh(domain).findings["caa"][0] == "forbidden"


def test_each_aspect_says_when_it_was_seen(bring, moments):
    domain = bring()
    before = moments.now.isoformat()
    moments.pass_by(timedelta(hours=1))

    ask(domain)

    seen = fresh(domain).aspects_seen_at
    assert (seen["proof"], seen["address"]) == (moments.now.isoformat(),) * 2
    assert (seen["caa"], seen["certificate"]) == (before, before)


def test_an_organization_presses_only_so_often(claim):
    domains = [claim(f"b{number}.acme-cleaning.com") for number in range(13)]

    for domain in domains[:12]:
        ask(domain)
    with pytest.raises(Throttled):
        ask(domains[12])


def test_records_about_mail_are_asked_for_once_a_day(bring, dns, moments):
    domain = bring()
    about_mail = ("acme-cleaning.com", "TXT")
    dns.asked.clear()

    moments.pass_by(timedelta(hours=6))
    run_check(domain.pk)
    assert about_mail not in dns.asked
    moments.pass_by(timedelta(hours=18))
    run_check(domain.pk)

    assert about_mail in dns.asked


def test_what_an_erased_organization_held_is_released_and_what_ended_long_ago_forgotten(bring, claim, moments):
    held, betas = bring(), claim("book.twin-cleaning.com", BETA_ID)
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(status="erased")
        tidy_domains(now=moments.now)
    assert (fresh(held).state, fresh(held).release_reason) == (ClaimState.RELEASED, "ended")

    with platform_scope(reason="test"):
        tidy_domains(now=moments.now + timedelta(days=181))
        left = list(CustomDomain.objects.values_list("pk", flat=True))
        history = DomainChange.objects.count()

    assert (left, history) == ([betas.pk], 0)


def test_without_a_proxy_of_ours_a_domain_goes_live_at_its_address(claim, dns, monkeypatch, look_twice):
    monkeypatch.setattr(checking, "configured_probe", lambda **_: None)
    domain = claim()
    prove(dns, domain)
    dns.set(HOST, "A", OURS)
    look_twice(domain)

    for _ in range(2):
        run_check(domain.pk)

    assert fresh(domain).state == ClaimState.LIVE
