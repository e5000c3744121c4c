"""Where a domain goes after a check: every state with every kind of evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from shared_apps.domains.rules.states import ALLOWED, CLAIM_LIFE, GRACE, decide, next_check_at
from shared_apps.domains.types import Aspect, ClaimState, Evidence, Finding, Standing, Verdict

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
S = ClaimState


def standing(state: ClaimState, *, failing_for: timedelta | None = None, was_live: bool = False) -> Standing:
    return Standing(state, NOW + timedelta(days=1), None if failing_for is None else NOW - failing_for, was_live=was_live)


def evidence(proof: str | None = None, address: str | None = None, certificate: str | None = None) -> Evidence:
    seen = {Aspect.PROOF: proof, Aspect.ADDRESS: address, Aspect.CERTIFICATE: certificate}
    return Evidence({aspect: Finding(value) for aspect, value in seen.items() if value is not None})


ALL_WELL = evidence("ok", "here", "ok")
NOTHING = evidence()


@pytest.mark.parametrize(
    ("before", "seen", "after"),
    [
        (S.CLAIMED, evidence("missing", "here", "ok"), S.CLAIMED),
        (S.CLAIMED, evidence("other"), S.CLAIMED),
        (S.CLAIMED, evidence("ok"), S.VERIFIED),
        (S.CLAIMED, ALL_WELL, S.VERIFIED),
        (S.VERIFIED, evidence("ok", "none"), S.VERIFIED),
        (S.VERIFIED, evidence("ok", "elsewhere", "ok"), S.VERIFIED),
        (S.VERIFIED, ALL_WELL, S.ISSUING),
        (S.VERIFIED, evidence("missing", "here"), S.FAILING),
        (S.ISSUING, evidence("ok", "here", "none"), S.ISSUING),
        (S.ISSUING, ALL_WELL, S.LIVE),
        (S.ISSUING, evidence("ok", "here", "ends_soon"), S.LIVE),
        (S.ISSUING, evidence("ok", "elsewhere"), S.FAILING),
        (S.LIVE, ALL_WELL, S.LIVE),
        (S.LIVE, evidence("ok", "here"), S.LIVE),
        (S.LIVE, evidence("ok", "here", "none"), S.ISSUING),
        (S.LIVE, evidence("ok", "partly"), S.FAILING),
        (S.LIVE, evidence("other", "here", "ok"), S.FAILING),
        (S.RELEASED, ALL_WELL, S.RELEASED),
    ],
)
def test_what_is_seen_decides(before, seen, after):
    was_live = before is S.LIVE

    assert decide(standing(before, was_live=was_live), seen, now=NOW) == Verdict(after)


@pytest.mark.parametrize("state", list(S))
def test_no_answer_moves_nothing(state):
    long_ago = GRACE * 10 if state is S.FAILING else None

    assert decide(standing(state, failing_for=long_ago, was_live=True), NOTHING, now=NOW) == Verdict(state)


def test_a_claim_ends_after_a_week_even_when_its_token_is_there():
    late = Standing(S.CLAIMED, NOW, None, was_live=False)

    assert decide(late, ALL_WELL, now=NOW) == Verdict(S.RELEASED, "expired")
    assert CLAIM_LIFE.days == 7


def test_a_failing_domain_is_served_for_its_grace_and_then_released():
    gone = evidence("missing", "here")

    assert (
        decide(standing(S.FAILING, failing_for=GRACE - timedelta(seconds=1), was_live=True), gone, now=NOW).state is S.FAILING
    )
    assert decide(standing(S.FAILING, failing_for=GRACE, was_live=True), gone, now=NOW) == Verdict(S.RELEASED, "gone")


@pytest.mark.parametrize(
    ("was_live", "seen", "after"),
    [
        (True, ALL_WELL, S.LIVE),
        (True, evidence("ok", "here"), S.ISSUING),
        (True, evidence("ok", "elsewhere"), S.RELEASED),
        (True, evidence("ok"), S.FAILING),
        (False, evidence("ok", "elsewhere"), S.VERIFIED),
        (False, ALL_WELL, S.LIVE),
    ],
)
def test_a_failing_domain_recovers_when_all_that_it_had_is_there_again(was_live, seen, after):
    assert decide(standing(S.FAILING, failing_for=GRACE * 2, was_live=was_live), seen, now=NOW).state is after


def test_no_evidence_leads_where_the_table_knows_no_way():
    words = ("missing", "ok", None), ("here", "elsewhere", "none", None), ("ok", "none", None)
    for state, was_live, failing_for, *seen in product(S, (True, False), (timedelta(), GRACE), *words):
        known = standing(state, failing_for=failing_for, was_live=was_live)

        after = decide(known, evidence(*seen), now=NOW).state

        assert after is state or after in ALLOWED[state]


def test_nothing_is_live_without_proof_address_and_certificate():
    words = ("missing", "other", "ok", None), ("here", "elsewhere", "partly", "none", None), ("ok", "none", None)
    for seen in product(*words):
        if seen != ("ok", "here", "ok"):
            assert decide(standing(S.ISSUING), evidence(*seen), now=NOW).state is not S.LIVE or seen[0] is None


def test_a_domain_in_trouble_is_looked_at_more_often_than_a_live_one():
    assert next_check_at(S.FAILING, now=NOW) < next_check_at(S.LIVE, now=NOW)
