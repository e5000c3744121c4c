"""The one way from state to state: row, registry, audit trail, history and event in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kernel.actor import Actor
from kernel.events import publish
from shared_apps.audit.services import record
from shared_apps.domains.events import DomainChanged
from shared_apps.domains.models import CustomDomain, DomainChange
from shared_apps.domains.rules.states import ALLOWED, HELD, SERVING, next_check_at
from shared_apps.domains.types import Aspect, ClaimState, Verdict
from tenants.domains import hold_host, let_go_of_host, make_host_primary, make_platform_host_primary, mark_host_live
from tenants.errors import WrongState
from tenants.hosts import context_for
from tenants.scope import tenant_scope

_MOVED = (
    "state", "release_reason", "proven_at", "live_at", "failing_since_at", "released_at", "next_check_at", "findings",
    "certificate_expires_at", "checked_at",
)  # fmt: skip


def move(domain: CustomDomain, verdict: Verdict, *, actor: Actor, now: datetime) -> list[DomainChange]:
    """Put a locked `domain` where `verdict` says, with all that hangs on it; the history's new rows.

    Whoever proves a host that another organization has got in between is released as "taken".

    Raises:
        WrongState: the table of transitions does not know the way.
    """
    before, after = ClaimState(domain.state), verdict.state
    if after is not before and after not in ALLOWED[before]:
        raise WrongState(f"{before} cannot become {after}")
    if before is ClaimState.CLAIMED and after is ClaimState.VERIFIED and not _hold(domain):
        after, verdict = ClaimState.RELEASED, Verdict(ClaimState.RELEASED, "taken")
    domain.state = after
    domain.next_check_at = next_check_at(after, now=now)
    if after is before:
        domain.save(update_fields=_MOVED)
        return []
    _stamp(domain, before, verdict, now)
    domain.save(update_fields=_MOVED)
    _follow(domain, before, after)
    record(
        action=f"domain.{after}", actor_label=actor.label, actor_kind=actor.kind, tenant_id=domain.tenant_id,
        target=domain.host, reason=verdict.reason,
    )  # fmt: skip
    change = DomainChange(domain=domain, at=now, aspect=Aspect.STATE, before=before, after=after, detail=verdict.reason)
    change.save()
    return [change]


def tell(domain: CustomDomain, changes: Sequence[DomainChange]) -> None:
    """Publish what the owner should hear of, in the organization's own scope."""
    context = context_for(domain.tenant_id)
    if not changes or context is None:
        return
    ids = tuple(change.pk for change in changes)
    with tenant_scope(context):
        publish(DomainChanged(domain_id=domain.public_id, host=domain.host, change_ids=ids))


def _hold(domain: CustomDomain) -> bool:
    return hold_host(tenant_id=domain.tenant_id, host=domain.host)


def _stamp(domain: CustomDomain, before: ClaimState, verdict: Verdict, now: datetime) -> None:
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
    elif after is ClaimState.FAILING and domain.wants_primary:
        # Visitors of the platform's address must not be sent to a name that may lead nowhere.
        make_platform_host_primary(tenant_id=tenant_id)
    elif before is ClaimState.FAILING and after in SERVING and domain.wants_primary:
        make_host_primary(tenant_id=tenant_id, host=host)
    if after is ClaimState.LIVE:
        mark_host_live(tenant_id=tenant_id, host=host)
