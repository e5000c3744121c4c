"""What pages, the API and letters read about domains. Each enters the platform's scope by itself: a marketplace's may ask."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.actor import Actor
from shared_apps.domains.errors import DomainNotFound
from shared_apps.domains.models import CustomDomain, DomainChange
from shared_apps.domains.rules.doctor import PROOF_PREFIX
from shared_apps.domains.rules.names import is_apex
from shared_apps.domains.rules.words import RELEASE_REASONS, sentence_of
from shared_apps.domains.types import CHALLENGE, Aspect, ClaimState, DnsRecord, Line
from tenants.models import Domain, Tenant
from tenants.scope import platform_scope

_SHOWN_CHANGES = 20


def domains_for(*, actor: Actor, tenant_id: UUID) -> list[CustomDomain]:
    """The domains that an organization has or wants, by name; those removed are left out (one query).

    Raises:
        PermissionDenied: the actor neither edits domains nor looks at organizations.
    """
    _require_sight(actor)
    with platform_scope(reason="domains"):
        return list(CustomDomain.objects.filter(tenant_id=tenant_id).exclude(state=ClaimState.RELEASED).order_by("host"))


def domain_for(*, actor: Actor, tenant_id: UUID, domain_id: UUID) -> CustomDomain:
    """One of them, also when it was removed (one query).

    Raises:
        PermissionDenied, DomainNotFound: another organization's is not there.
    """
    _require_sight(actor)
    with platform_scope(reason="domain"):
        found = CustomDomain.objects.filter(tenant_id=tenant_id, public_id=domain_id).first()
    if found is None:
        raise DomainNotFound(_("There is no such domain."))
    return found


def lines_of(domain: CustomDomain) -> list[Line]:
    """What is known of it in words, aspect by aspect; what was not looked at yet is left out (no query)."""
    seen = {Aspect(aspect): found for aspect, found in domain.findings.items() if aspect in Aspect.values}
    return [Line(aspect, sentence_of(aspect, seen[aspect][0]), seen[aspect][1]) for aspect in Aspect if aspect in seen]


def troubles_of(domain: CustomDomain) -> list[Line]:
    """Of `lines_of`, those that ask somebody to do something (no query)."""
    return [line for line in lines_of(domain) if line.sentence.kind in {"bad", "warn"}]


def state_line(domain: CustomDomain) -> Line:
    """Where it stands, in words (no query)."""
    return _line(Aspect.STATE, domain.state, domain.release_reason)


def changes_of(domain: CustomDomain, *, limit: int = _SHOWN_CHANGES) -> list[Line]:
    """What changed about it, the newest first (one query)."""
    with platform_scope(reason="domain changes"):
        rows = list(DomainChange.objects.filter(domain_id=domain.pk).order_by("-id")[:limit])
    return [_line(Aspect(row.aspect), row.after, row.detail, row.at) for row in rows]


def changes_by_ids(change_ids: Collection[int]) -> list[Line]:
    """These changes, the oldest first; those gone since are left out (one query)."""
    with platform_scope(reason="domain changes"):
        rows = list(DomainChange.objects.filter(pk__in=change_ids).order_by("id"))
    return [_line(Aspect(row.aspect), row.after, row.detail, row.at) for row in rows]


def primary_host_of(tenant_id: UUID) -> str:
    """The main address as the registry has it now (one query)."""
    with platform_scope(reason="primary host"):
        return Domain.objects.filter(tenant_id=tenant_id, is_primary=True).values_list("host", flat=True).first() or ""


def owner_address_of(tenant_id: UUID) -> str:
    """Where letters about domains go (one query)."""
    with platform_scope(reason="owner's address"):
        return Tenant.objects.values_list("owner_email", flat=True).get(pk=tenant_id)


def records_of(domain: CustomDomain) -> tuple[DnsRecord, ...]:
    """What is to be set at the DNS provider: the proof, then the way here.

    A registered name itself has no room for a CNAME beside its other records (RFC 1034 §3.6.2), so it gets addresses where
    the platform has fixed ones.
    """
    proof = DnsRecord("TXT", f"{CHALLENGE}.{domain.host}", f"{PROOF_PREFIX}{domain.token}", gettext_lazy("Proves it is yours"))
    return (proof, *_ways_here(domain.host))


def _line(aspect: Aspect, value: str, detail: str, at: datetime | None = None) -> Line:
    if aspect is Aspect.STATE:
        # The detail of a state is a word for why it was left, not what some zone says.
        return Line(aspect, sentence_of(aspect, value), str(RELEASE_REASONS.get(detail, "")), at)
    return Line(aspect, sentence_of(aspect, value), detail, at)


def _ways_here(host: str) -> Iterable[DnsRecord]:
    purpose = gettext_lazy("Leads visitors here")
    if not is_apex(host) or not settings.DOMAIN_ADDRESSES:
        return (DnsRecord("ALIAS" if is_apex(host) else "CNAME", host, settings.DOMAIN_TARGET, purpose),)
    return tuple(DnsRecord("AAAA" if ":" in address else "A", host, address, purpose) for address in settings.DOMAIN_ADDRESSES)


def _require_sight(actor: Actor) -> None:
    if not actor.can("tenants.view"):
        actor.require("domains.edit")
