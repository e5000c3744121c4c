"""The one way from state to state: row, registry, audit trail, history and event in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kernel.actor import Actor
from kernel.events import publish
from shared_apps.audit.services import record
from shared_apps.domains.events import DomainChanged
from shared_apps.domains.models import CustomDomain, DomainChange
from shared_apps.domains.rules.names import imitates, look_of
from shared_apps.domains.rules.pace import next_check_at
from shared_apps.domains.rules.states import ALLOWED, HELD
from shared_apps.domains.types import Aspect, ClaimState, Verdict
from tenants.domains import hold_host, let_go_of_host, make_host_primary, make_platform_host_primary, mark_host
from tenants.errors import WrongState
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tenants.types import DomainState

_MOVED = (
    "state", "state_since_at", "hint", "hinted_at", "release_reason", "proven_at", "live_at", "failing_since_at", "released_at",
    "next_check_at", "findings", "aspects_seen_at", "aspects_silent_since", "certificate_expires_at", "checked_at", "look",
)  # fmt: skip


def move(domain: CustomDomain, verdict: Verdict, *, actor: Actor, now: datetime) -> list[DomainChange]:
    """Put a locked `domain` where `verdict` says, with all that hangs on it; the history's new rows.

    Whoever proves a host that another organization has got in between, or one that imitates another's, is released.

    Raises:
        WrongState: the table of transitions does not know the way.
    """
    before, after = ClaimState(domain.state), verdict.state
    if after is not before and after not in ALLOWED[before]:
        raise WrongState(f"{before} cannot become {after}")
    if before is ClaimState.CLAIMED and after is ClaimState.VERIFIED and (hindrance := _hindrance(domain)):
        after, verdict = ClaimState.RELEASED, Verdict(ClaimState.RELEASED, hindrance)
    _stamp(domain, before, verdict, now)
    domain.save(update_fields=_MOVED)
    if after is before:
        return []
    _follow(domain, before, after)
    record(
        action=f"domain.{after}", actor_label=actor.label, actor_kind=actor.kind, tenant_id=domain.tenant_id,
        target=domain.host, reason=verdict.reason,
    )  # fmt: skip
    change = DomainChange(domain=domain, at=now, aspect=Aspect.STATE, before=before, after=after, detail=verdict.reason)
    change.save()
    return [change]


def look_alike_of(host: str, *, tenant_id: UUID) -> bool:
    """Whether `host` imitates one that another organization holds (one query)."""
    others = CustomDomain.objects.filter(look=look_of(host), state__in=HELD).exclude(tenant_id=tenant_id)
    return any(imitates(host, other) for other in others.values_list("host", flat=True))


def is_held_elsewhere(host: str, *, tenant_id: UUID) -> bool:
    """Whether another organization's attempt has got the host, though the registry may not say so (one query)."""
    return CustomDomain.objects.filter(host=host, state__in=HELD).exclude(tenant_id=tenant_id).exists()


def tell(domain: CustomDomain, changes: Sequence[DomainChange]) -> None:
    """Publish what the owner should hear of, in the organization's own scope."""
    context = context_for(domain.tenant_id)
    if not changes or context is None:
        return
    ids = tuple(change.pk for change in changes)
    with tenant_scope(context):
        publish(DomainChanged(domain_id=domain.public_id, host=domain.host, change_ids=ids))


def _hindrance(domain: CustomDomain) -> str:
    """Why a proof comes too late, a word of `rules.words`; empty, and the host held, where nothing is in its way."""
    if look_alike_of(domain.host, tenant_id=domain.tenant_id):
        return "look_alike"
    is_taken = is_held_elsewhere(domain.host, tenant_id=domain.tenant_id)
    return "taken" if is_taken or not hold_host(tenant_id=domain.tenant_id, host=domain.host) else ""


def _stamp(domain: CustomDomain, before: ClaimState, verdict: Verdict, now: datetime) -> None:
    domain.hinted_at = _hinted_at(domain, verdict, now)
    domain.hint = verdict.hint or ""
    domain.look = look_of(domain.host)
    domain.state = verdict.state
    if verdict.state is not before:
        _stamp_change(domain, before, verdict, now)
    domain.next_check_at = next_check_at(
        verdict.state, since=domain.state_since_at or domain.claimed_at, now=now, hint=verdict.hint, hinted_at=domain.hinted_at
    )


def _hinted_at(domain: CustomDomain, verdict: Verdict, now: datetime) -> datetime | None:
    if verdict.hint is None:
        return None
    return domain.hinted_at if domain.hint == verdict.hint else now


def _stamp_change(domain: CustomDomain, before: ClaimState, verdict: Verdict, now: datetime) -> None:
    domain.state_since_at = now
    domain.release_reason = verdict.reason
    domain.failing_since_at = now if verdict.state is ClaimState.FAILING else None
    match verdict.state:
        case ClaimState.VERIFIED if before is ClaimState.CLAIMED:
            domain.proven_at = now
        case ClaimState.LIVE:
            domain.live_at = domain.live_at or now
        case ClaimState.RELEASED:
            domain.released_at = now


def _follow(domain: CustomDomain, before: ClaimState, after: ClaimState) -> None:
    """What the registry, and with it every process, does about it."""
    tenant_id, host = domain.tenant_id, domain.host
    if after is ClaimState.RELEASED:
        if before in HELD:
            let_go_of_host(tenant_id=tenant_id, host=host)
        return
    if before is ClaimState.LIVE and domain.wants_primary:
        # Visitors of the platform's address, and the owner, must not be sent to a name that shows them a warning.
        make_platform_host_primary(tenant_id=tenant_id)
    mark_host(tenant_id=tenant_id, host=host, state=DomainState.LIVE if after is ClaimState.LIVE else DomainState.VERIFIED)
    if after is ClaimState.LIVE and domain.wants_primary:
        make_host_primary(tenant_id=tenant_id, host=host)
