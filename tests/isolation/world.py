"""Two marketplaces filled byte for byte alike, but for a canary in every text, and one thing more of each kind in beta.

Equal keys, slugs, addresses, public ids and password hashes: whoever forgets the scope meets the twin's row, and its canary.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from kernel import clock
from kernel.actor import Actor
from kernel.outbox.models import MessageState, OutboxMessage
from provisioning.models import FleetRun, Run
from provisioning.types import FleetState, OrganizationRequest, RunKind, RunState
from shared_apps.archives.models import Archive
from shared_apps.archives.types import ArchiveState
from shared_apps.billing.models import BillingInvoice
from shared_apps.billing.services import begin_missing
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState
from shared_apps.entry.services import grant_entry
from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.types import ReportState, Verdict
from shared_apps.operators.models import Operator
from shared_apps.plans.services import begin_draft, load_default_plans
from shared_apps.webhook_inbox.models import WebhookEvent
from shared_apps.webhook_inbox.types import EventState, Reason
from tenants.context import PlatformScope, TenantContext
from tenants.hosts import context_for, host_cache
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import owner_scope, platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.isolation.marks import Marks
from tests.isolation.stock import Filler, Names

__all__ = ["BETA_ONLY", "TWIN", "World", "build_world"]

_FIRST_KEY = 5_000_000
TWIN = Names("")
BETA_ONLY = Names("only-beta")
_LOOKS = {"alpha": ("fresh", {"brand": "#0f766e"}), "beta": ("noir", {"brand": "#d8ff5e"})}
TEXTS = ("about", "privacy", "terms")


@dataclass
class World:
    """What was made, and under which names to ask for it."""

    alpha: TenantContext
    beta: TenantContext
    now: datetime
    # Credentials of beta: the name of the thing → what a thief would present.
    stolen: dict[str, str] = field(default_factory=dict)
    # API keys: whose → the text (see keys).
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def twins(self) -> tuple[TenantContext, TenantContext]:
        return self.alpha, self.beta


def build_world() -> World:
    """Fill the twins of the current database. `settings.MEDIA_ROOT` must be the caller's own."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    _level_sequences()
    for tenant_id, slug in ((ALPHA_ID, "alpha"), (BETA_ID, "beta")):
        _describe(tenant_id, slug)
        with tenant_scope(_context(tenant_id)):
            Filler(Marks(slug), TWIN, now).fill()
            name = f"archives/{TWIN.uuid(f'arc-{slug}').hex}.zip"
            default_storage.delete(name)
            default_storage.save(name, ContentFile(archive_content(slug)))
    with tenant_scope(_context(BETA_ID)):
        Filler(Marks("beta"), BETA_ONLY, now, first_number=500).fill()
    _fill_platform(now)
    host_cache.clear()
    return World(_context(ALPHA_ID), _context(BETA_ID), now)


def archive_content(slug: str) -> bytes:
    """What lies where a marketplace's archive should; its canary is of rows, which no operator reads."""
    return Marks(slug)("everything").encode()


def _context(tenant_id) -> TenantContext:
    context = context_for(tenant_id)
    assert context is not None
    return context


def _level_sequences() -> None:
    """Equal keys in both: whatever ran before, both schemas count on from the same number."""
    with owner_scope(reason="world"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, %s) FROM pg_sequences"
            " WHERE schemaname LIKE 't\\_%%' AND max_value > %s",
            [_FIRST_KEY, _FIRST_KEY],
        )


def _describe(tenant_id, slug: str) -> None:
    """The registry's texts. Their canaries have another owner, since an operator may read them."""
    mark = Marks(f"{slug}r")
    package, tokens = _LOOKS[slug]
    with platform_scope(reason="world"):
        Tenant.objects.filter(pk=tenant_id).update(
            name=mark("Twin Market"),
            owner_email=f"owner-{slug}@world.example",
            theme_package=package,
            theme_tokens=tokens,
            content={
                "headline": mark("Book somebody good"),
                "tagline": mark("Local people"),
                "action": mark("Book"),
                "pages": {name: {"title": mark(name.title()), "body": mark(f"All about {name}.")} for name in TEXTS},
            },
        )


def _fill_platform(now: datetime) -> None:
    """People of the platform with the twins' addresses, and an operator."""
    with platform_scope(reason="world") as scope:
        assert isinstance(scope, PlatformScope)
        mark = Marks("platform")
        filler = Filler(mark, TWIN, now)
        filler.person("member")
        for slug, tenant_id in (("alpha", ALPHA_ID), ("beta", BETA_ID)):
            person = filler.person(f"owner-{slug}")
            grant_entry(user=person, tenant_id=tenant_id, member_id=TWIN.uuid(f"uowner-{slug}"))
            CustomDomain.objects.create(
                public_id=Names(slug).uuid("dom"),
                tenant_id=tenant_id,
                host=f"book.{slug}-cleaning.com",
                look=f"book.{slug}-cleaning.com",
                state=ClaimState.CLAIMED,
                findings={"address": ["elsewhere", Marks(f"{slug}r")("198.51.100.9")]},
                claim_expires_at=now + timedelta(days=7),
                # Far ahead: nobody looks at it, not even by the button; no name server is asked.
                checked_at=now + timedelta(days=7),
                next_check_at=now + timedelta(days=7),
            )
            Archive.objects.create(
                public_id=TWIN.uuid(f"arc-{slug}"),
                tenant_id=tenant_id,
                state=ArchiveState.READY,
                requested_by=Marks(f"{slug}r")("owner"),
                size_bytes=len(archive_content(slug)),
                sha256="0" * 64,
                expires_at=now + timedelta(days=7),
            )
            IsolationReport.objects.create(
                public_id=Names(slug).uuid("report"),
                tenant_id=tenant_id,
                state=ReportState.READY,
                verdict=Verdict.BROKEN,
                requested_by=Marks(f"{slug}r")("owner"),
                document=json.dumps({"organization": Marks(f"{slug}r")("Twin Market")}),
                started_at=now,
                finished_at=now,
            )
            _bill(slug, tenant_id, now)
            Run.objects.create(
                public_id=Names(slug).uuid("run"),
                kind=RunKind.CREATE_ORGANIZATION,
                tenant_id=tenant_id,
                request=_order(slug, person.email).as_json(),
                requested_by=person.email,
                idempotency_key=slug,
                state=RunState.DONE,
            )
        _fill_console(now, mark)
        operator = filler.person("operator")
        Operator.objects.create(user=operator, created_at=now - timedelta(days=1))
    # The accounts take the registry's names along, canaries included.
    begin_missing(now=now)


def _bill(slug: str, tenant_id: UUID, now: datetime) -> None:
    """One invoice, of the same amount as the twin's."""
    BillingInvoice.objects.create(
        tenant_id=tenant_id, stripe_id=f"in_{slug}", number=Marks(f"{slug}r")("2026-0001"), status="paid", currency="EUR",
        total_minor=5900, paid_minor=5900, remaining_minor=0, issued_at=now,
    )  # fmt: skip


def _order(slug: str, email: str) -> OrganizationRequest:
    """What somebody asked for when they signed up."""
    name = Marks(f"{slug}r")("Twin Market")
    return OrganizationRequest(slug=slug, name=name, owner_email=email, blueprint="home_services", plan_code="studio")


def _fill_console(now: datetime, mark: Marks) -> None:
    """What operators have on their pages besides organizations: plans, a migration of the fleet, a job that failed."""
    load_default_plans()
    begin_draft(actor=Actor.system("test"), plan_code="studio")
    FleetRun.objects.create(
        public_id=Names("beta").uuid("fleet"),
        target=code_schema_version(),
        state=FleetState.RUNNING,
        failure_limit=1,
        requested_by=mark("operator"),
        error=Marks("betar")("beta failed"),
    )
    OutboxMessage.objects.create(
        id=Names("beta").uuid("job"),
        tenant_id=BETA_ID,
        event_type="bookings.booking_confirmed.v1",
        handler="tests.factories.events.ignore",
        payload={},
        state=MessageState.DEAD,
        available_at=now,
        created_at=now,
        last_error=Marks("betar")("SMTPServerDisconnected"),
    )
    WebhookEvent.objects.create(
        event_id="evt_beta",
        type="customer.updated",
        kind="customer",
        object_id="cus_beta",
        customer_id="cus_beta",
        tenant_id=BETA_ID,
        state=EventState.QUARANTINED,
        reason=Reason.NOBODYS,
        happened_at=now,
        error=Marks("betar")("Nobody's customer"),
        payload={"name": Marks("betar")("Twin Market")},
    )
