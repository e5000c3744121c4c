"""A check: look, outside of any transaction; then decide and write, inside one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.dns import configured_dns
from integrations.tls import configured_probe
from kernel import clock
from kernel.actor import Actor
from kernel.errors import Throttled
from shared_apps.domains.models import CustomDomain, DomainChange
from shared_apps.domains.rules.states import HELD, decide
from shared_apps.domains.selectors import domain_for
from shared_apps.domains.services.locking import locked_domain
from shared_apps.domains.services.moving import move, tell
from shared_apps.domains.services.observing import observe_briefly, observe_fully
from shared_apps.domains.types import Aspect, ClaimState, Evidence
from tenants.scope import platform_scope

DOCTOR: Final = Actor.system("domain doctor")
_PATIENCE_SECONDS: Final = 4.0
# Somebody waits for the answer: five questions at most.
_BRIEF_PATIENCE_SECONDS: Final = 1.0
_PAUSE: Final = timedelta(seconds=5)
# While a domain comes to life its certificate and address are expected to change: only its state is news.
_COMING: Final = (ClaimState.CLAIMED, ClaimState.VERIFIED, ClaimState.ISSUING)


def check_domain_now(*, actor: Actor, tenant_id: UUID, domain_id: UUID, now: datetime | None = None) -> CustomDomain:
    """Look at proof and address while somebody waits, a few seconds at most; the rest follows in a worker at once.

    Raises:
        PermissionDenied, DomainNotFound.
        Throttled: it was looked at seconds ago.
    """
    actor.require("domains.edit")
    moment = now or clock.now()
    domain = domain_for(actor=actor, tenant_id=tenant_id, domain_id=domain_id)
    if domain.state == ClaimState.RELEASED:
        return domain
    if domain.checked_at is not None and moment - domain.checked_at < _PAUSE:
        raise Throttled(_("It was checked a moment ago. Try again in a few seconds."), retry_after_seconds=_PAUSE.seconds)
    dns = configured_dns(timeout_seconds=_BRIEF_PATIENCE_SECONDS)
    evidence = observe_briefly(dns, host=domain.host, token=domain.token)
    return settle(domain.pk, evidence, actor=actor, now=moment)


def run_check(domain_pk: int) -> None:
    """Look at everything, as the doctor. May run twice at a time: each settles what it saw, one after the other."""
    with platform_scope(reason="domain doctor"):
        domain = CustomDomain.objects.filter(pk=domain_pk).exclude(state=ClaimState.RELEASED).first()
    if domain is None:
        return
    now = clock.now()
    evidence = observe_fully(
        configured_dns(timeout_seconds=_PATIENCE_SECONDS),
        configured_probe(timeout_seconds=_PATIENCE_SECONDS),
        host=domain.host,
        token=domain.token,
        now=now,
    )
    settle(domain.pk, evidence, actor=DOCTOR, now=now)


def settle(domain_pk: int, evidence: Evidence, *, actor: Actor, now: datetime) -> CustomDomain:
    """Write what was seen and what follows from it; the owner is told after the commit. The row as it is then."""
    with platform_scope(reason="settle domain"), transaction.atomic():
        domain = locked_domain(domain_pk)
        # An older look that comes late says nothing any more: what it saw may be gone.
        if domain.state == ClaimState.RELEASED or (domain.checked_at is not None and now < domain.checked_at):
            return domain
        before = ClaimState(domain.state)
        changes = _note_findings(domain, evidence, now=now)
        verdict = decide(domain.standing, evidence, now=now)
        moves = move(domain, verdict, actor=actor, now=now)
        tell(domain, _news(before, changes, moves))
    return domain


def _note_findings(domain: CustomDomain, evidence: Evidence, *, now: datetime) -> list[DomainChange]:
    """Keep what was seen; where something known is another thing now, a row of history. The caller saves `domain`."""
    changes = []
    for aspect, found in evidence.findings.items():
        before = (domain.findings.get(aspect) or [""])[0]
        if domain.state in HELD and before and before != found.value:
            changes.append(
                DomainChange(domain=domain, at=now, aspect=aspect, before=before, after=found.value, detail=found.detail)
            )
        domain.findings[str(aspect)] = [found.value, found.detail]
    domain.certificate_expires_at = evidence.certificate_expires_at or domain.certificate_expires_at
    domain.checked_at = now
    for change in changes:
        change.save()
    return changes


def _news(before: ClaimState, changes: Sequence[DomainChange], moves: Sequence[DomainChange]) -> list[DomainChange]:
    told = [] if before in _COMING else list(changes)
    return [*told, *(row for row in moves if row.aspect == Aspect.STATE and row.after != ClaimState.ISSUING)]
