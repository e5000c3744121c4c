"""Where a domain goes after a check: every state with every kind of evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from shared_apps.domains.rules.pace import next_check_at
from shared_apps.domains.rules.states import (
    ALLOWED,
    CLAIM_LIFE,
    CONFIRMED_AFTER,
    GRACE,
    SHORT_GRACE,
    UNUSED_LIFE,
    are_too_many,
    decide,
    release_at,
)
from shared_apps.domains.types import Aspect, ClaimState, Evidence, Finding, Standing, Verdict

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
S = ClaimState
LONG_AGO = max(CONFIRMED_AFTER.values())


def standing(
    state: ClaimState, *, failing_for: timedelta | None = None, was_live: bool = False, hint: ClaimState | None = None,
    hinted_for: timedelta = LONG_AGO, proven_for: timedelta = timedelta(days=1),
) -> Standing:  # fmt: skip
    return Standing(
        state,
        NOW + timedelta(days=1),
        failing_since_at=None if failing_for is None else NOW - failing_for,
        proven_at=NOW - proven_for,
        hint=hint,
        hinted_at=None if hint is None else NOW - hinted_for,
        was_live=was_live,
    )


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
        (S.CLAIMED, evidence(), S.CLAIMED),
        (S.VERIFIED, evidence("ok", "none"), S.VERIFIED),
        (S.VERIFIED, evidence("ok", "elsewhere", "ok"), S.VERIFIED),
        (S.VERIFIED, ALL_WELL, S.ISSUING),
        (S.VERIFIED, evidence("missing", "here"), S.FAILING),
        (S.ISSUING, evidence("ok", "here", "none"), S.ISSUING),
        (S.ISSUING, ALL_WELL, S.LIVE),
        (S.ISSUING, evidence("ok", "here", "ends_soon"), S.LIVE),
        (S.ISSUING, evidence("ok", "elsewhere"), S.VERIFIED),
        (S.ISSUING, evidence("ok", "here"), S.ISSUING),
        (S.ISSUING, evidence("missing", "here", "ok"), S.FAILING),
        (S.LIVE, ALL_WELL, S.LIVE),
        (S.LIVE, evidence("ok", "here"), S.LIVE),
        (S.LIVE, evidence("ok", "here", "none"), S.ISSUING),
        (S.LIVE, evidence("ok", "partly"), S.FAILING),
        (S.LIVE, evidence("other", "here", "ok"), S.FAILING),
        (S.RELEASED, ALL_WELL, S.RELEASED),
    ],
)
def test_what_is_seen_decides_when_a_second_look_agrees(before, seen, after):
    known = standing(before, was_live=before is S.LIVE, hint=after if (before, after) in CONFIRMED_AFTER else None)

    assert decide(known, seen, now=NOW) == Verdict(after)


@pytest.mark.parametrize(
    ("before", "seen", "after"),
    [
        (S.CLAIMED, evidence("ok"), S.VERIFIED),
        (S.LIVE, evidence("ok", "here", "none"), S.ISSUING),
        (S.LIVE, evidence("ok", "elsewhere"), S.FAILING),
        (S.LIVE, evidence("missing", "here", "ok"), S.FAILING),
        (S.ISSUING, evidence("missing", "here"), S.FAILING),
    ],
)
def test_one_look_gives_no_name_away_and_takes_nothing_from_a_live_one(before, seen, after):
    needed, was_live = CONFIRMED_AFTER[before, after], before is S.LIVE
    too_soon = standing(before, was_live=was_live, hint=after, hinted_for=needed - timedelta(seconds=1))
    in_time = standing(before, was_live=was_live, hint=after, hinted_for=needed)

    assert decide(standing(before, was_live=was_live), seen, now=NOW) == Verdict(before, hint=after)
    assert decide(too_soon, seen, now=NOW) == Verdict(before, hint=after)
    assert decide(in_time, seen, now=NOW) == Verdict(after)


def test_a_second_look_that_contradicts_takes_the_doubt_away_and_silence_does_not():
    doubted = standing(S.LIVE, was_live=True, hint=S.FAILING)

    assert decide(doubted, ALL_WELL, now=NOW) == Verdict(S.LIVE)
    assert decide(doubted, NOTHING, now=NOW) == Verdict(S.LIVE, hint=S.FAILING)


def test_a_look_at_the_address_says_nothing_about_a_doubted_certificate():
    doubted = standing(S.LIVE, was_live=True, hint=S.ISSUING)

    assert decide(doubted, evidence("ok", "here"), now=NOW) == Verdict(S.LIVE, hint=S.ISSUING)
    assert decide(doubted, ALL_WELL, now=NOW) == Verdict(S.LIVE)


def test_without_a_proxy_of_ours_a_name_that_leads_here_is_live():
    seen = Evidence(evidence("ok", "here").findings, needs_certificate=False)

    assert decide(standing(S.ISSUING), seen, now=NOW) == Verdict(S.LIVE)
    assert decide(standing(S.ISSUING), evidence("ok", "here"), now=NOW) == Verdict(S.ISSUING)


@pytest.mark.parametrize("state", list(S))
def test_no_answer_moves_nothing(state):
    long_ago = GRACE * 10 if state is S.FAILING else None

    assert decide(standing(state, failing_for=long_ago, was_live=True), NOTHING, now=NOW) == Verdict(state)


def test_a_claim_ends_after_a_week_even_when_its_token_is_there():
    late = Standing(S.CLAIMED, NOW)

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


def test_a_name_that_was_never_live_is_kept_from_nobody_for_longer_than_an_hour():
    gone, whole = evidence("missing", "here"), evidence("ok", "elsewhere")
    short = standing(S.FAILING, failing_for=SHORT_GRACE)

    assert decide(standing(S.VERIFIED), gone, now=NOW) == Verdict(S.FAILING)
    assert decide(standing(S.FAILING, failing_for=SHORT_GRACE - timedelta(seconds=1)), gone, now=NOW).state is S.FAILING
    assert decide(short, gone, now=NOW) == Verdict(S.RELEASED, "gone")
    assert decide(short, whole, now=NOW) == Verdict(S.VERIFIED)


@pytest.mark.parametrize(
    ("state", "seen", "proven_for", "after"),
    [
        (S.VERIFIED, evidence("ok", "none"), UNUSED_LIFE, Verdict(S.RELEASED, "unused")),
        (S.VERIFIED, evidence("ok", "elsewhere"), UNUSED_LIFE, Verdict(S.RELEASED, "unused")),
        (S.VERIFIED, evidence("ok", "none"), UNUSED_LIFE - timedelta(seconds=1), Verdict(S.VERIFIED)),
        (S.VERIFIED, evidence("ok"), UNUSED_LIFE * 2, Verdict(S.VERIFIED)),
        (S.VERIFIED, ALL_WELL, UNUSED_LIFE * 2, Verdict(S.ISSUING)),
        (S.ISSUING, evidence("ok", "here", "none"), UNUSED_LIFE * 2, Verdict(S.ISSUING)),
    ],
)
def test_a_name_that_never_leads_here_is_given_up_after_a_month(state, seen, proven_for, after):
    assert decide(standing(state, proven_for=proven_for), seen, now=NOW) == after


def test_the_moment_of_release_is_known_beforehand():
    failing = standing(S.FAILING, failing_for=timedelta(hours=2), was_live=True)

    assert release_at(failing) == NOW - timedelta(hours=2) + GRACE
    assert release_at(standing(S.LIVE, was_live=True)) is None


def test_nothing_is_live_for_the_first_time_without_address_and_certificate_and_nothing_verified_without_proof():
    words = ("missing", "other", "ok", None), ("here", "elsewhere", "partly", "none", None), ("ok", "none", None)
    for proof, address, certificate in product(*words):
        seen = evidence(proof, address, certificate)
        is_whole = (address, certificate) == ("here", "ok") and proof in {"ok", None}

        assert (decide(standing(S.ISSUING), seen, now=NOW).state is S.LIVE) is is_whole
        assert (decide(standing(S.CLAIMED, hint=S.VERIFIED), seen, now=NOW).state is S.VERIFIED) is (proof == "ok")


@pytest.mark.parametrize(
    ("failing", "of", "is_alarm"), [(0, 0, False), (3, 3, False), (4, 4, True), (5, 100, False), (6, 100, True)]
)
def test_a_few_may_fail_at_once_and_no_more(failing, of, is_alarm):
    assert are_too_many(failing, of=of) is is_alarm


@pytest.mark.parametrize(
    ("state", "age", "wait"),
    [
        (S.ISSUING, timedelta(), timedelta(seconds=20)),
        (S.ISSUING, timedelta(minutes=9), timedelta(seconds=20)),
        (S.ISSUING, timedelta(minutes=10), timedelta(minutes=10)),
        (S.ISSUING, timedelta(minutes=20), timedelta(minutes=20)),
        (S.ISSUING, timedelta(days=9), timedelta(hours=6)),
        (S.VERIFIED, timedelta(minutes=59), timedelta(minutes=2)),
        (S.VERIFIED, timedelta(days=20), timedelta(hours=6)),
        (S.CLAIMED, timedelta(days=6), timedelta(hours=1)),
        (S.LIVE, timedelta(), timedelta(hours=6)),
        (S.FAILING, timedelta(days=2), timedelta(hours=1)),
    ],
)
def test_the_doctor_waits_longer_the_longer_nothing_happens(state, age, wait):
    assert next_check_at(state, since=NOW - age, now=NOW) == NOW + wait


def test_a_second_look_comes_when_it_can_decide_and_an_undecided_one_waits_as_usual():
    hinted = {"state": S.LIVE, "since": NOW, "hint": S.FAILING, "hinted_at": NOW}
    gap = CONFIRMED_AFTER[S.LIVE, S.FAILING]

    assert next_check_at(**hinted, now=NOW) == NOW + gap
    assert next_check_at(**hinted, now=NOW + gap) == NOW + gap + timedelta(hours=6)


def test_a_domain_in_trouble_is_looked_at_more_often_than_a_live_one():
    assert next_check_at(S.FAILING, since=NOW, now=NOW) < next_check_at(S.LIVE, since=NOW, now=NOW)
