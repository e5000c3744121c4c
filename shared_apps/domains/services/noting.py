"""Keeps what a look saw, and picks out of it what the owner should hear of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared_apps.domains.models import CustomDomain, DomainChange
from shared_apps.domains.rules.states import HELD
from shared_apps.domains.rules.words import SILENT
from shared_apps.domains.types import Aspect, ClaimState, Evidence

# Silence for so long is told: visitors may not find the name either.
SILENCE_TOLD_AFTER: Final = timedelta(hours=24)
_TOLD_WHEN_SILENT: Final = (Aspect.PROOF, Aspect.ADDRESS, Aspect.CAA)
# While a domain comes to life its certificate and address are expected to change: only its state is news.
_COMING: Final = (ClaimState.CLAIMED, ClaimState.VERIFIED, ClaimState.ISSUING)
# What may move a domain is news when it did, and not when a second look contradicts the first.
_DECIDING: Final = (Aspect.PROOF, Aspect.ADDRESS, Aspect.CERTIFICATE)


def note_findings(domain: CustomDomain, evidence: Evidence, *, now: datetime) -> list[DomainChange]:
    """Keep what was seen; where something known is another thing now, a row of history. The caller saves `domain`."""
    changes = []
    for aspect, found in evidence.findings.items():
        before = (domain.findings.get(aspect) or [""])[0]
        if domain.state in HELD and before and before != found.value:
            changes.append(
                DomainChange(domain=domain, at=now, aspect=aspect, before=before, after=found.value, detail=found.detail)
            )
        domain.findings[str(aspect)] = [found.value, found.detail]
        domain.aspects_seen_at[str(aspect)] = now.isoformat()
        domain.aspects_silent_since.pop(str(aspect), None)
    for aspect in evidence.silent:
        domain.aspects_silent_since.setdefault(str(aspect), now.isoformat())
    changes += _long_silences(domain, now)
    domain.certificate_expires_at = evidence.certificate_expires_at or domain.certificate_expires_at
    domain.checked_at = now
    for change in changes:
        change.save()
    return changes


def news_of(
    domain: CustomDomain, before: ClaimState, changes: Sequence[DomainChange], moves: Sequence[DomainChange],
    *, doubted_since: datetime | None,
) -> list[DomainChange]:  # fmt: skip
    """Of what is new since a look, what the owner should hear. `doubted_since` is since when a second look was waited for."""
    told = [] if before in _COMING else [row for row in changes if row.aspect not in _DECIDING or row.after == SILENT]
    if before not in _COMING and (moves or not (doubted_since or domain.hint)):
        told += _deciding(domain, changes, moves, doubted_since)
    return [*told, *(row for row in moves if _is_worth_telling(before, row))]


def _deciding(
    domain: CustomDomain, changes: Sequence[DomainChange], moves: Sequence[DomainChange], doubted_since: datetime | None
) -> list[DomainChange]:
    """What moved it, or would have been the reason: with a second look, what the first one saw."""
    own = [row for row in changes if row.aspect in _DECIDING and row.after != SILENT]
    if not moves or doubted_since is None:
        return own
    rows = DomainChange.objects.filter(domain=domain, aspect__in=_DECIDING, at__gte=doubted_since).order_by("id")
    newest = {row.aspect: row for row in rows if row.after != SILENT}
    return list(newest.values())


def _is_worth_telling(before: ClaimState, row: DomainChange) -> bool:
    # That a certificate is being made, or the records of a name not in use yet came and went, is told by its page.
    return row.after != ClaimState.ISSUING and (row.after != ClaimState.VERIFIED or before is ClaimState.CLAIMED)


def _long_silences(domain: CustomDomain, now: datetime) -> Iterator[DomainChange]:
    """A row for each aspect about which nobody has answered for a day since the look before this one."""
    if domain.state not in HELD or domain.checked_at is None:
        return
    for aspect in _TOLD_WHEN_SILENT:
        since = domain.aspects_silent_since.get(aspect)
        if since is None:
            continue
        told_at = datetime.fromisoformat(since) + SILENCE_TOLD_AFTER
        if domain.checked_at < told_at <= now:
            before = (domain.findings.get(aspect) or [""])[0]
            yield DomainChange(domain=domain, at=now, aspect=aspect, before=before, after=SILENT)
