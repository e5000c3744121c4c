"""A check: look, outside of any transaction; then decide and write, inside one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from integrations.dns import configured_dns
from integrations.tls import configured_probe
from kernel import clock
from kernel.actor import Actor
from kernel.errors import Throttled
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.rules.pace import AFTER_TROUBLE, MAIL_EVERY, next_check_at
from shared_apps.domains.rules.states import decide
from shared_apps.domains.selectors import domain_for
from shared_apps.domains.services.alarm import failed_with_many
from shared_apps.domains.services.locking import locked_domain
from shared_apps.domains.services.moving import move, tell
from shared_apps.domains.services.noting import news_of, note_findings
from shared_apps.domains.services.observing import observe_briefly, observe_fully
from shared_apps.domains.types import Aspect, ClaimState, Evidence, Standing, Verdict
from tenants.rates import Rate, count
from tenants.scope import platform_scope
from tenants.types import ENDED

log = structlog.get_logger(__name__)

DOCTOR: Final = Actor.system("domain doctor")
# For one question, and for all of a check: name servers that are slow on purpose hold no worker up.
_PATIENCE_SECONDS: Final = 4.0
DEADLINE_SECONDS: Final = 15.0
# Somebody waits for the answer.
_BRIEF_PATIENCE_SECONDS: Final = 1.0
_BRIEF_DEADLINE_SECONDS: Final = 3.0
_PAUSE: Final = timedelta(seconds=5)
# Each holds a thread of the web's for up to three seconds, whichever of its domains an organization asks about.
_LOOKS: Final = Rate("domain_looks", limit=12, seconds=60)


def check_domain_now(*, actor: Actor, tenant_id: UUID, domain_id: UUID, now: datetime | None = None) -> CustomDomain:
    """Look at proof and address while somebody waits, three seconds at most; a worker looks at the rest within seconds.

    Raises:
        PermissionDenied, DomainNotFound.
        Throttled: somebody asked seconds ago, or the organization asks too often.
    """
    actor.require("domains.edit")
    moment = now or clock.now()
    domain = domain_for(actor=actor, tenant_id=tenant_id, domain_id=domain_id)
    if domain.state == ClaimState.RELEASED:
        return domain
    _take_turn(domain, moment)
    dns = configured_dns(timeout_seconds=_BRIEF_PATIENCE_SECONDS, deadline_seconds=_BRIEF_DEADLINE_SECONDS)
    evidence = observe_briefly(dns, host=domain.host, token=domain.token)
    settled = settle(domain.pk, evidence, actor=actor, now=moment)
    with platform_scope(reason="look at the rest"):
        CustomDomain.objects.filter(pk=domain.pk).exclude(state=ClaimState.RELEASED).update(next_check_at=moment)
    return settled


def run_check(domain_pk: int, *, lease: datetime | None = None) -> None:
    """Look at everything, as the doctor. With a `lease` only while that is still the row's own.

    May run twice at a time: each settles what it saw, one after the other. Trouble that nobody expected puts the domain back
    in the queue, later each time, and is raised.
    """
    with platform_scope(reason="domain doctor"):
        domain = CustomDomain.objects.filter(pk=domain_pk).exclude(state=ClaimState.RELEASED).first()
        is_ended = domain is not None and CustomDomain.objects.filter(pk=domain_pk, tenant__status__in=ENDED).exists()
    if domain is None or is_ended or (lease is not None and domain.looking_until_at != lease):
        return
    now = clock.now()
    try:
        settle(domain.pk, _observed(domain, now), actor=DOCTOR, now=now)
    except Exception:
        _put_back(domain, now)
        raise
    finally:
        with platform_scope(reason="domain doctor"):
            CustomDomain.objects.filter(pk=domain_pk, looking_until_at=domain.looking_until_at).update(looking_until_at=None)


def settle(domain_pk: int, evidence: Evidence, *, actor: Actor, now: datetime) -> CustomDomain:
    """Write what was seen and what follows from it; the owner is told after the commit. The row as it is then."""
    with platform_scope(reason="settle domain"), transaction.atomic():
        domain = locked_domain(domain_pk)
        # An older look that comes late says nothing any more: what it saw may be gone.
        if domain.state == ClaimState.RELEASED or (domain.checked_at is not None and now < domain.checked_at):
            return domain
        before, doubted_since = ClaimState(domain.state), domain.hinted_at
        changes = note_findings(domain, evidence, now=now)
        moves = move(domain, _verdict(domain, evidence, now), actor=actor, now=now)
        tell(domain, news_of(domain, before, changes, moves, doubted_since=doubted_since))
    return domain


def _verdict(domain: CustomDomain, evidence: Evidence, now: datetime) -> Verdict:
    standing: Standing = domain.standing
    verdict = decide(standing, evidence, now=now)
    is_given_up = standing.state is ClaimState.FAILING and verdict.state is ClaimState.RELEASED
    return Verdict(ClaimState.FAILING) if is_given_up and failed_with_many(domain) else verdict


def _take_turn(domain: CustomDomain, now: datetime) -> None:
    """Claim this look before it begins: of many who press at once, one looks."""
    with platform_scope(reason="look at a domain"):
        count(_LOOKS, str(domain.tenant_id))
        rested = Q(asked_at=None) | Q(asked_at__lte=now - _PAUSE)
        if not CustomDomain.objects.filter(rested, pk=domain.pk).update(asked_at=now):
            wait = _PAUSE.seconds
            raise Throttled(_("It was checked a moment ago. Try again in a few seconds."), retry_after_seconds=wait)


def _observed(domain: CustomDomain, now: datetime) -> Evidence:
    dns = configured_dns(timeout_seconds=_PATIENCE_SECONDS, deadline_seconds=DEADLINE_SECONDS)
    probe = configured_probe(timeout_seconds=_PATIENCE_SECONDS)
    mail_seen = domain.aspects_seen_at.get(Aspect.SPF)
    with_mail = mail_seen is None or datetime.fromisoformat(mail_seen) + MAIL_EVERY <= now
    return observe_fully(dns, probe, host=domain.host, token=domain.token, with_mail=with_mail, now=now)


def _put_back(domain: CustomDomain, now: datetime) -> None:
    usual = next_check_at(ClaimState(domain.state), since=domain.state_since_at or domain.claimed_at, now=now)
    later = max(usual, now + AFTER_TROUBLE)
    log.warning("domain_check_failed", host=domain.host, next_check_at=later.isoformat())
    with platform_scope(reason="domain doctor"):
        CustomDomain.objects.filter(pk=domain.pk).update(next_check_at=later)
