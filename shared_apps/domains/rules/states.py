"""Where a domain goes next, from what a check saw. Pure: unknown answers move nothing, and time alone takes nothing away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared_apps.domains.rules.words import ADDRESS_HERE, CERTIFICATE_NONE, CERTIFICATE_USABLE, PROOF_OK
from shared_apps.domains.types import Aspect, ClaimState, Evidence, Standing, Verdict

# A claim that nobody proves is forgotten; the next one has another token.
CLAIM_LIFE: Final = timedelta(days=7)
# How long a domain that lost its records is served on, for whoever makes a mistake on a Friday evening.
GRACE: Final = timedelta(hours=72)
# Nobody visits what was never live: a name that was proven in a stolen minute is soon free again.
SHORT_GRACE: Final = timedelta(hours=1)
# A name that is proven and never led here is kept from nobody for longer.
UNUSED_LIFE: Final = timedelta(days=30)

S = ClaimState
ALLOWED: Final[Mapping[ClaimState, frozenset[ClaimState]]] = {
    S.CLAIMED: frozenset({S.VERIFIED, S.RELEASED}),
    S.VERIFIED: frozenset({S.ISSUING, S.FAILING, S.RELEASED}),
    S.ISSUING: frozenset({S.LIVE, S.VERIFIED, S.FAILING, S.RELEASED}),
    S.LIVE: frozenset({S.ISSUING, S.FAILING, S.RELEASED}),
    S.FAILING: frozenset({S.VERIFIED, S.ISSUING, S.LIVE, S.RELEASED}),
    S.RELEASED: frozenset(),
}
# These are one organization's alone, and answered for.
HELD: Final = (S.VERIFIED, S.ISSUING, S.LIVE, S.FAILING)
# What is done when two looks agree that lie this far apart: one slip of a zone, a proxy or a thief is not enough.
CONFIRMED_AFTER: Final[Mapping[tuple[ClaimState, ClaimState], timedelta]] = {
    (S.CLAIMED, S.VERIFIED): timedelta(minutes=1),
    (S.LIVE, S.ISSUING): timedelta(minutes=1),
    (S.LIVE, S.FAILING): timedelta(minutes=10),
    (S.ISSUING, S.FAILING): timedelta(minutes=10),
}

# More at once than these are no slips of their owners.
_FEW: Final = 3
_SHARE: Final = 0.05


def decide(standing: Standing, evidence: Evidence, *, now: datetime) -> Verdict:
    """The state after a check; the same one when nothing speaks for another, or not twice yet."""
    verdict = _at_once(standing, evidence, now)
    needed = CONFIRMED_AFTER.get((standing.state, verdict.state))
    if needed is None:
        return replace(verdict, hint=_kept_hint(standing, evidence) if verdict.state is standing.state else None)
    if standing.hint is verdict.state and standing.hinted_at is not None and now >= standing.hinted_at + needed:
        return verdict
    return Verdict(standing.state, hint=verdict.state)


def release_at(standing: Standing) -> datetime | None:
    """When a failing domain is given up, unless its records come back; None for others."""
    if standing.state is not S.FAILING or standing.failing_since_at is None:
        return None
    return standing.failing_since_at + (GRACE if standing.was_live else SHORT_GRACE)


def are_too_many(failing: int, *, of: int) -> bool:
    """Whether so many of those that were live fail at once that the trouble is ours, or the world's."""
    return failing > max(_FEW, of * _SHARE)


def _at_once(standing: Standing, evidence: Evidence, now: datetime) -> Verdict:
    match standing.state:
        case S.RELEASED:
            return Verdict(S.RELEASED)
        case S.CLAIMED:
            return _of_claim(standing, evidence, now)
        case S.FAILING:
            return _of_failing(standing, evidence, now)
        case _:
            return _of_held(standing, evidence, now)


def _of_claim(standing: Standing, evidence: Evidence, now: datetime) -> Verdict:
    # The end first: a token that was found somewhere later proves nothing any more.
    if now >= standing.claim_expires_at:
        return Verdict(S.RELEASED, "expired")
    return Verdict(S.VERIFIED if evidence.value(Aspect.PROOF) == PROOF_OK else S.CLAIMED)


def _of_held(standing: Standing, evidence: Evidence, now: datetime) -> Verdict:
    if _is_broken(standing, evidence):
        return Verdict(S.FAILING)
    after = _standing_well(standing, evidence)
    is_unused = standing.proven_at is not None and now >= standing.proven_at + UNUSED_LIFE
    if after is S.VERIFIED and is_unused and _is_away(evidence):
        return Verdict(S.RELEASED, "unused")
    return Verdict(after)


def _of_failing(standing: Standing, evidence: Evidence, now: datetime) -> Verdict:
    if _is_whole(standing, evidence):
        return Verdict(_standing_well(standing, evidence))
    ends_at = release_at(standing)
    is_over = ends_at is not None and now >= ends_at
    return Verdict(S.RELEASED, "gone") if is_over and _is_broken(standing, evidence) else Verdict(S.FAILING)


def _standing_well(standing: Standing, evidence: Evidence) -> ClaimState:
    """The state of a domain that has lost nothing. Certificates count only where the name leads here."""
    if evidence.value(Aspect.ADDRESS) != ADDRESS_HERE:
        return S.VERIFIED if standing.state is S.FAILING or _is_away(evidence) else standing.state
    if standing.state is S.VERIFIED:
        return S.ISSUING
    if not evidence.needs_certificate:
        return S.LIVE
    certificate = evidence.value(Aspect.CERTIFICATE)
    is_kept = standing.state is S.LIVE and certificate != CERTIFICATE_NONE
    return S.LIVE if is_kept or certificate in CERTIFICATE_USABLE else S.ISSUING


def _is_broken(standing: Standing, evidence: Evidence) -> bool:
    """Something that was there is known to be gone. What was never live had nothing but its proof."""
    proof = evidence.value(Aspect.PROOF)
    return (proof is not None and proof != PROOF_OK) or (_was_live(standing) and _is_away(evidence))


def _is_whole(standing: Standing, evidence: Evidence) -> bool:
    """All that must be there is known to be there."""
    is_here = not _was_live(standing) or evidence.value(Aspect.ADDRESS) == ADDRESS_HERE
    return evidence.value(Aspect.PROOF) == PROOF_OK and is_here


def _was_live(standing: Standing) -> bool:
    return standing.was_live or standing.state is S.LIVE


def _is_away(evidence: Evidence) -> bool:
    address = evidence.value(Aspect.ADDRESS)
    return address is not None and address != ADDRESS_HERE


def _kept_hint(standing: Standing, evidence: Evidence) -> ClaimState | None:
    """A look at nothing, or at other things, takes no doubt away: what raised it has to be seen again."""
    if standing.hint is None:
        return None
    deciding = (Aspect.CERTIFICATE,) if standing.hint is S.ISSUING else (Aspect.PROOF, Aspect.ADDRESS)
    is_seen = any(evidence.value(aspect) is not None for aspect in deciding)
    return None if is_seen else standing.hint
