"""What pages, the API and letters read about domains. Each enters the platform's scope by itself: a marketplace's may ask."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.actor import Actor
from kernel.ids import format_public_id
from shared_apps.domains.errors import DomainNotFound
from shared_apps.domains.models import CustomDomain, DomainChange
from shared_apps.domains.rules.doctor import PROOF_PREFIX
from shared_apps.domains.rules.names import is_apex, unicode_host
from shared_apps.domains.rules.states import HELD, are_too_many
from shared_apps.domains.rules.words import CAA_FORBIDDEN, CONFIRMING, RELEASE_REASONS, SILENT, sentence_of
from shared_apps.domains.types import CHALLENGE, DOMAIN_PREFIX, Aspect, ClaimState, DnsRecord, Line
from tenants.domains import platform_host
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
    """What is known of it in words, aspect by aspect; what was not asked yet is left out (no query)."""
    lines = (_aspect_line(domain, aspect) for aspect in Aspect)
    return [line for line in lines if line is not None]


def troubles_of(domain: CustomDomain) -> list[Line]:
    """Of `lines_of`, those that ask somebody to do something (no query)."""
    return [line for line in lines_of(domain) if line.sentence.kind in {"bad", "warn"}]


def state_line(domain: CustomDomain) -> Line:
    """Where it stands, in words (no query)."""
    is_confirming = domain.state == ClaimState.CLAIMED and domain.hint == ClaimState.VERIFIED
    line = _line(Aspect.STATE, CONFIRMING if is_confirming else domain.state, domain.release_reason)
    return replace(line, ends_at=domain.releases_at)


def changes_of(domain: CustomDomain, *, limit: int = _SHOWN_CHANGES) -> list[Line]:
    """What changed about it, the newest first (one query)."""
    with platform_scope(reason="domain changes"):
        rows = list(DomainChange.objects.filter(domain_id=domain.pk).order_by("-id")[:limit])
    return [_line(Aspect(row.aspect), row.after, row.detail, row.at) for row in rows]


def changes_by_ids(change_ids: Collection[int]) -> list[Line]:
    """These changes, the oldest first; those gone since are left out (one query)."""
    with platform_scope(reason="domain changes"):
        rows = list(DomainChange.objects.select_related("domain").filter(pk__in=change_ids).order_by("id"))
    return [_change_line(row) for row in rows]


def platform_host_of(tenant_id: UUID) -> str:
    """The address below the platform's name (one query)."""
    with platform_scope(reason="platform host"):
        return platform_host(tenant_id)


def shown_host(host: str) -> str:
    """A host of the registry as people read it (no query)."""
    return unicode_host(host)


def failing_domains_of(tenant_id: UUID) -> list[CustomDomain]:
    """The domains of an organization that lose their records, by name (one query)."""
    with platform_scope(reason="failing domains"):
        return list(CustomDomain.objects.filter(tenant_id=tenant_id, state=ClaimState.FAILING).order_by("host"))


def outside_id_of(domain_id: UUID) -> str:
    """The id that addresses carry (no query)."""
    return format_public_id(DOMAIN_PREFIX, domain_id)


def failing_at_once() -> int:
    """How many live domains fail at this moment, where they are too many to be slips of their owners; else 0 (one query)."""
    with platform_scope(reason="failing domains"):
        once_live = CustomDomain.objects.filter(state__in=HELD, live_at__isnull=False)
        counts = once_live.aggregate(all=Count("pk"), failing=Count("pk", filter=Q(state=ClaimState.FAILING)))
    return int(counts["failing"]) if are_too_many(counts["failing"], of=counts["all"]) else 0


def primary_host_of(tenant_id: UUID) -> str:
    """The primary address as the registry has it now (one query)."""
    with platform_scope(reason="primary host"):
        return Domain.objects.filter(tenant_id=tenant_id, is_primary=True).values_list("host", flat=True).first() or ""


def owner_address_of(tenant_id: UUID) -> str:
    """Where letters about domains go (one query)."""
    with platform_scope(reason="owner's address"):
        return Tenant.objects.values_list("owner_email", flat=True).get(pk=tenant_id)


def records_of(domain: CustomDomain) -> tuple[DnsRecord, ...]:
    """What is to be set at the DNS provider: the proof, the way here and, where one forbids our certificates, a CAA record.

    A registered name itself has no room for a CNAME beside its other records (RFC 1034 §3.6.2), so it gets addresses where
    the platform has fixed ones.
    """
    proof = DnsRecord("TXT", f"{CHALLENGE}.{domain.host}", f"{PROOF_PREFIX}{domain.token}", gettext_lazy("Proves it is yours"))
    return (proof, *_ways_here(domain.host), *_permissions(domain))


def _aspect_line(domain: CustomDomain, aspect: Aspect) -> Line | None:
    seen_at, silent_since = (
        None if text is None else datetime.fromisoformat(text)
        for text in (domain.aspects_seen_at.get(aspect), domain.aspects_silent_since.get(aspect))
    )
    if silent_since is not None:
        return replace(_line(aspect, SILENT, "", seen_at), silent_since=silent_since)
    found = domain.findings.get(aspect)
    return None if found is None else _line(aspect, found[0], found[1], seen_at)


def _line(aspect: Aspect, value: str, detail: str, at: datetime | None = None) -> Line:
    # The detail of a state is a word for why it was left, not what some zone says.
    told = str(RELEASE_REASONS.get(detail, "")) if aspect is Aspect.STATE else detail
    return Line(aspect, sentence_of(aspect, value, authority=_authority()), told, at)


def _change_line(row: DomainChange) -> Line:
    """A row of history; one that tells of trouble says until when it can be mended."""
    line = _line(Aspect(row.aspect), row.after, row.detail, row.at)
    is_failing = row.aspect == Aspect.STATE and row.after == ClaimState.FAILING
    return replace(line, ends_at=row.domain.releases_at) if is_failing else line


def _authority() -> str:
    return next(iter(settings.DOMAIN_AUTHORITIES), "")


def _ways_here(host: str) -> Iterable[DnsRecord]:
    purpose = gettext_lazy("Leads visitors here")
    if not is_apex(host) or not settings.DOMAIN_ADDRESSES:
        return (DnsRecord("ALIAS" if is_apex(host) else "CNAME", host, settings.DOMAIN_TARGET, purpose),)
    return tuple(DnsRecord("AAAA" if ":" in address else "A", host, address, purpose) for address in settings.DOMAIN_ADDRESSES)


def _permissions(domain: CustomDomain) -> Iterable[DnsRecord]:
    found = domain.findings.get(Aspect.CAA)
    if found is None or found[0] not in CAA_FORBIDDEN:
        return ()
    purpose = gettext_lazy("Allows our certificate authority")
    return (DnsRecord("CAA", domain.host, f'0 issue "{_authority()}"', purpose),)


def _require_sight(actor: Actor) -> None:
    if not actor.can("tenants.view"):
        actor.require("domains.edit")
