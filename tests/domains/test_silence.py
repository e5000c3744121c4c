"""Nobody answers: nothing is taken away, and the owner hears of it."""

from __future__ import annotations

from datetime import timedelta

from kernel.outbox.models import OutboxMessage
from shared_apps.domains.models import CustomDomain, DomainChange
from shared_apps.domains.selectors import changes_by_ids, lines_of
from shared_apps.domains.services import run_check
from shared_apps.domains.types import CHALLENGE, Aspect, ClaimState, Line
from tenants.scope import platform_scope
from tests.domains.conftest import HOST, fresh

HOUR = timedelta(hours=1)


def line_of(domain: CustomDomain, aspect: Aspect) -> Line:
    return next(line for line in lines_of(fresh(domain)) if line.aspect is aspect)


def told() -> list[str]:
    with platform_scope(reason="test"):
        rows = list(OutboxMessage.objects.filter(event_type="domains.domain_changed.v1").order_by("created_at", "id"))
        return [row.after for row in DomainChange.objects.filter(pk__in=rows[-1].payload["change_ids"]).order_by("id")]


def test_silence_is_shown_at_once_with_since_when_and_what_was_seen_last(bring, dns, moments):
    domain = bring()
    seen_at = moments.now
    dns.silent |= {HOST}
    moments.pass_by(HOUR)

    run_check(domain.pk)

    line = line_of(domain, Aspect.ADDRESS)
    assert "Nobody answers" in str(line.sentence.text)
    assert (line.sentence.kind, line.silent_since, line.at) == ("warn", moments.now, seen_at)
    assert line_of(domain, Aspect.PROOF).silent_since is None


def test_silence_of_a_day_is_told_once_and_takes_nothing_away(bring, dns, moments):
    domain = bring()
    before = told()
    dns.silent |= {HOST, f"{CHALLENGE}.{HOST}"}
    run_check(domain.pk)
    moments.pass_by(23 * HOUR)
    run_check(domain.pk)
    assert told() == before

    for _ in range(3):
        moments.pass_by(6 * HOUR)
        run_check(domain.pk)

    with platform_scope(reason="test"):
        rows = list(DomainChange.objects.filter(after="silent").order_by("id"))
    assert [row.aspect for row in rows] == ["proof", "address"]
    assert told() == ["silent", "silent"]
    assert all("Nobody answers" in str(line.sentence.text) for line in changes_by_ids([row.pk for row in rows]))
    assert fresh(domain).state == ClaimState.LIVE


def test_an_answer_ends_the_silence(bring, dns, moments):
    domain = bring()
    dns.silent |= {HOST}
    run_check(domain.pk)
    moments.pass_by(HOUR)
    dns.silent.clear()

    run_check(domain.pk)

    line = line_of(domain, Aspect.ADDRESS)
    assert (line.silent_since, line.at) == (None, moments.now)
    assert str(line.sentence.text) == "The name leads here."


def test_a_server_that_is_silent_about_one_kind_of_address_is_shown_too(claim, dns):
    domain = claim()
    dns.silent |= {HOST}

    run_check(domain.pk)

    assert "Nobody answers" in str(line_of(domain, Aspect.ADDRESS).sentence.text)
