"""Where a domain goes next, from what a check saw. Pure: unknown answers move nothing, and time alone takes nothing away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from shared_apps.domains.rules.words import ADDRESS_HERE, CERTIFICATE_NONE, CERTIFICATE_USABLE, PROOF_OK
from shared_apps.domains.types import Aspect, ClaimState, Evidence, Standing, Verdict

# A claim that nobody proves is forgotten; the next one has another token.
CLAIM_LIFE: Final = timedelta(days=7)
# How long a domain that lost its records is served on, for whoever makes a mistake on a Friday evening.
GRACE: Final = timedelta(hours=72)

S = ClaimState
ALLOWED: Final[Mapping[ClaimState, frozenset[ClaimState]]] = {
    S.CLAIMED: frozenset({S.VERIFIED, S.RELEASED}),
    S.VERIFIED: frozenset({S.ISSUING, S.FAILING, S.RELEASED}),
    S.ISSUING: frozenset({S.LIVE, S.FAILING, S.RELEASED}),
    S.LIVE: frozenset({S.ISSUING, S.FAILING, S.RELEASED}),
    S.FAILING: frozenset({S.VERIFIED, S.ISSUING, S.LIVE, S.RELEASED}),
    S.RELEASED: frozenset(),
}
# These are one organization's alone, and answered for.
HELD: Final = (S.VERIFIED, S.ISSUING, S.LIVE, S.FAILING)
# These can be the main address.
SERVING: Final = (S.ISSUING, S.LIVE)

_PACE: Final[Mapping[ClaimState, timedelta]] = {
    S.CLAIMED: timedelta(minutes=5),
    S.VERIFIED: timedelta(minutes=2),
    S.ISSUING: timedelta(seconds=20),
    S.LIVE: timedelta(hours=6),
    S.FAILING: timedelta(minutes=15),
    S.RELEASED: timedelta(days=3650),
}


def decide(standing: Standing, evidence: Evidence, *, now: datetime) -> Verdict:
    """The state after a check; the same one when nothing speaks for another."""
    match standing.state:
        case S.RELEASED:
            return Verdict(S.RELEASED)
        case S.CLAIMED:
            return _of_claim(standing, evidence, now)
        case S.FAILING:
            return _of_failing(standing, evidence, now)
        case _:
            return Verdict(S.FAILING if _is_broken(standing, evidence) else _standing_well(standing, evidence))


def next_check_at(state: ClaimState, *, now: datetime) -> datetime:
    """When the doctor looks again."""
    return now + _PACE[state]


def _of_claim(standing: Standing, evidence: Evidence, now: datetime) -> Verdict:
    # The end first: a token that was found somewhere later proves nothing any more.
    if now >= standing.claim_expires_at:
        return Verdict(S.RELEASED, "expired")
    return Verdict(S.VERIFIED if evidence.value(Aspect.PROOF) == PROOF_OK else S.CLAIMED)


def _of_failing(standing: Standing, evidence: Evidence, now: datetime) -> Verdict:
    if _is_whole(standing, evidence):
        return Verdict(_standing_well(standing, evidence))
    is_over = standing.failing_since_at is not None and now >= standing.failing_since_at + GRACE
    return Verdict(S.RELEASED, "gone") if is_over and _is_broken(standing, evidence) else Verdict(S.FAILING)


def _standing_well(standing: Standing, evidence: Evidence) -> ClaimState:
    """The state of a domain that has lost nothing. Certificates count only where the name leads here."""
    address, certificate = evidence.value(Aspect.ADDRESS), evidence.value(Aspect.CERTIFICATE)
    if address != ADDRESS_HERE:
        return S.VERIFIED if standing.state is S.FAILING else standing.state
    if standing.state is S.VERIFIED:
        return S.ISSUING
    is_kept = standing.state is S.LIVE and certificate != CERTIFICATE_NONE
    return S.LIVE if is_kept or certificate in CERTIFICATE_USABLE else S.ISSUING


def _is_broken(standing: Standing, evidence: Evidence) -> bool:
    """Something that was there is known to be gone."""
    proof, address = evidence.value(Aspect.PROOF), evidence.value(Aspect.ADDRESS)
    return (proof is not None and proof != PROOF_OK) or (
        _led_here(standing) and address is not None and address != ADDRESS_HERE
    )


def _is_whole(standing: Standing, evidence: Evidence) -> bool:
    """All that must be there is known to be there."""
    is_here = not _led_here(standing) or evidence.value(Aspect.ADDRESS) == ADDRESS_HERE
    return evidence.value(Aspect.PROOF) == PROOF_OK and is_here


def _led_here(standing: Standing) -> bool:
    return standing.was_live or standing.state in SERVING
