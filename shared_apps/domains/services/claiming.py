"""Asking for a domain, and giving it up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import Throttled
from shared_apps.audit.services import record
from shared_apps.domains.errors import (
    HostLooksAlike,
    HostMalformed,
    HostNotConfirmed,
    HostTaken,
    SandboxHasNoDomains,
    TooManyDomains,
)
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.rules.names import canonical_host, look_of, require_bringable
from shared_apps.domains.rules.pace import FIRST_LOOK
from shared_apps.domains.rules.states import CLAIM_LIFE
from shared_apps.domains.selectors import domain_for
from shared_apps.domains.services.locking import locked_domain, locked_tenant
from shared_apps.domains.services.moving import is_held_elsewhere, look_alike_of, move
from shared_apps.domains.types import ClaimState, Verdict
from shared_apps.plans.errors import LimitReached, NotInPlan
from shared_apps.plans.types import CUSTOM_DOMAIN, MAX_DOMAINS
from tenants.models import Domain
from tenants.scope import platform_scope

MOST: Final = 20
# Each attempt can ask an authority for a certificate, and these are counted for the platform as a whole.
MOST_A_DAY: Final = 30
_DAY: Final = timedelta(days=1)


def claim_domain(*, actor: Actor, tenant_id: UUID, host: str, now: datetime | None = None) -> CustomDomain:
    """Begin an attempt of an organization at `host`, with a fresh token to put into DNS. Nothing is answered for yet.

    Asked for again while the attempt goes on, it is the same attempt; after its end it is another one, with another token.
    Several organizations may try at a time: who proves first gets it.

    Raises:
        PermissionDenied: the actor does not edit domains. NotFound: there is no such organization.
        NotInPlan, LimitReached: its plan has no domains, or not so many (402).
        HostRefused: the name cannot be had, and why; blames `host`.
        TooManyDomains: it has 20 already. Throttled: it began 30 attempts within a day.
    """
    actor.require("domains.edit")
    moment = now or clock.now()
    name = canonical_host(host)
    require_bringable(name, own=platform_names())
    with platform_scope(reason="claim domain"), transaction.atomic():
        tenant = locked_tenant(tenant_id)
        if tenant.sandbox_of_id is not None:
            raise SandboxHasNoDomains(_("This is a sandbox. Add the domain in the marketplace itself."))
        if not tenant.entitlements.get(CUSTOM_DOMAIN.code, CUSTOM_DOMAIN.default):
            raise NotInPlan(CUSTOM_DOMAIN)
        most = tenant.entitlements.get(MAX_DOMAINS.code, MAX_DOMAINS.default)
        standing = CustomDomain.objects.filter(tenant_id=tenant_id).exclude(state=ClaimState.RELEASED)
        mine = standing.select_for_update().filter(host=name).first()
        if mine is not None and not _is_over(mine, moment):
            return mine
        _refuse_others(name, tenant_id)
        if mine is not None:
            move(mine, Verdict(ClaimState.RELEASED, "expired"), actor=actor, now=moment)
        if standing.count() >= MOST:
            raise TooManyDomains(_("You have %(count)d domains, which is as many as there can be.") % {"count": MOST})
        if most is not None and standing.count() >= most:
            raise LimitReached(MAX_DOMAINS, most)
        _require_room_today(tenant_id, moment)
        return _begin(actor, tenant_id, name, moment)


def release_domain(
    *, actor: Actor, tenant_id: UUID, domain_id: UUID, confirmed_name: str, now: datetime | None = None
) -> CustomDomain:
    """Give a domain up: it is answered for no more within seconds, and whoever wants it next proves it anew.

    Quiet when it is given up already.

    Raises:
        PermissionDenied, DomainNotFound.
        HostNotConfirmed: `confirmed_name` is not its name; blames `confirm_name`.
    """
    actor.require("domains.edit")
    domain = domain_for(actor=actor, tenant_id=tenant_id, domain_id=domain_id)
    if not _is_name_of(domain, confirmed_name):
        raise HostNotConfirmed(_("This is not its name. Type “%(name)s”.") % {"name": domain.shown_host}, field="confirm_name")
    with platform_scope(reason="release domain"), transaction.atomic():
        domain = locked_domain(domain.pk)
        if domain.state != ClaimState.RELEASED:
            reason = "operator" if actor.kind == "operator" else "owner"
            move(domain, Verdict(ClaimState.RELEASED, reason), actor=actor, now=now or clock.now())
    return domain


def platform_names() -> tuple[str, ...]:
    """The names that are the platform's own, and everything below them."""
    return tuple({settings.PLATFORM_DOMAIN, settings.DOMAIN_TARGET, *(name for name in settings.PLATFORM_HOSTS if "." in name)})


def _is_over(domain: CustomDomain, now: datetime) -> bool:
    return domain.state == ClaimState.CLAIMED and now >= domain.claim_expires_at


def _is_name_of(domain: CustomDomain, typed: str) -> bool:
    """Whether `typed` is the domain's name, in its own letters or as an A-label."""
    try:
        return canonical_host(typed) == domain.host
    except HostMalformed:
        return False


def _require_room_today(tenant_id: UUID, now: datetime) -> None:
    if CustomDomain.objects.filter(tenant_id=tenant_id, claimed_at__gt=now - _DAY).count() >= MOST_A_DAY:
        raise Throttled(
            _("You have added %(count)d domains within a day. Try again tomorrow.") % {"count": MOST_A_DAY},
            retry_after_seconds=int(_DAY.total_seconds()),
        )


def _refuse_others(host: str, tenant_id: UUID) -> None:
    is_answered_for = Domain.objects.filter(host=host).exclude(tenant_id=tenant_id).exists()
    if is_answered_for or is_held_elsewhere(host, tenant_id=tenant_id):
        raise HostTaken(
            _("This domain is in use by another organization here. If it is yours, have it removed there, or write to us.")
        )
    if look_alike_of(host, tenant_id=tenant_id):
        raise HostLooksAlike(_("This name is too easy to mistake for the domain of another organization."))


def _begin(actor: Actor, tenant_id: UUID, host: str, now: datetime) -> CustomDomain:
    domain = CustomDomain(
        tenant_id=tenant_id, host=host, look=look_of(host), claimed_at=now, state_since_at=now,
        claim_expires_at=now + CLAIM_LIFE, next_check_at=now + FIRST_LOOK,
    )  # fmt: skip
    domain.save(force_insert=True)
    record(
        action="domain.claimed", actor_label=actor.label, actor_kind=actor.kind, tenant_id=tenant_id, target=host,
    )  # fmt: skip
    return domain
