"""Rows for lists, any number of them: each kind has a word of its own, so that a page's rows can be told and counted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from kernel.actor import Actor
from provisioning.models import Quarantine, TenantHealth
from shared_apps.accounts.models import User
from shared_apps.archives.models import Archive
from shared_apps.archives.types import ArchiveState
from shared_apps.audit.models import AuditEntry
from shared_apps.billing.models import BillingCreditNote, BillingInvoice, Subscription, Transition
from shared_apps.billing.types import CauseKind, State
from shared_apps.business.services import note_value
from shared_apps.domains.models import CustomDomain, DomainChange
from shared_apps.domains.types import Aspect, ClaimState
from shared_apps.entry.models import Ownership
from shared_apps.isolation.models import IsolationReport
from shared_apps.packages.models import PackageVersion
from shared_apps.webhook_inbox.models import WebhookEvent
from tenant_apps.api.services import create_key
from tenant_apps.availability.models import Blackout, DateException, WeeklyWindow
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Category, Service
from tenant_apps.members.models import Invitation
from tenant_apps.providers.models import Provider
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import DomainState
from tests.backoffice.market import NOW, make_booking
from tests.console.happenings import dead_message, make_run
from tests.factories.market import make_category, make_provider, make_service
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_member

_SYSTEM = Actor.system("lists")
CHANGED_HOST = "changing.acme-cleaning.com"
# A version of a theme package that everybody wears.
WORN = "f" * 64


def add_to_market(numbers: Iterable[int]) -> None:
    """For each number one of everything that a marketplace lists, in the current scope."""
    ines = Provider.objects.get(slug="ines-duarte")
    deep = Category.objects.get(slug="deep-clean")
    customer = User.objects.get(email="customer@twin.example")
    for number in numbers:
        mark = f"{number:03}"
        person = make_member(f"member-{mark}@twin.example", "provider", first_name="Member", last_name=mark)
        provider = make_provider(f"Person {mark}", slug=f"person-{mark}", user=person, tags=["One", "Two"])
        WeeklyWindow.objects.create(provider=provider, weekday=number % 7, starts_minute=540, ends_minute=1020)
        kind = make_category(f"Kind {mark}", slug=f"kind-{mark}")
        make_service(provider, f"Other {mark}", slug=f"other-{mark}", category=kind)
        service = make_service(ines, f"Offer {mark}", slug=f"offer-{mark}", category=deep, duration_minutes=90)
        _add_bookings(service, number, customer)
        Invitation.objects.create(
            email=f"invited-{mark}@twin.example", name=f"Invited {mark}", role="provider", expires_at=NOW + timedelta(days=9)
        )
        away = NOW + timedelta(days=30 + number)
        DateException.objects.create(provider=ines, on_date=away.date(), kind="closed", note=f"Exception {mark}")
        Blackout.objects.create(starts_at=away, ends_at=away + timedelta(days=1), note=f"Closure {mark}")
        create_key(actor=_SYSTEM, name=f"Key {mark}", scopes=["bookings:read"])


def _add_bookings(service: Service, number: int, customer: User) -> None:
    """One of each kind that lists tell apart: to confirm, to come, behind, called off; in this week and the one before."""
    two_hours = timedelta(hours=2) * number
    starts = {
        BookingStatus.PENDING: NOW + timedelta(hours=72) + two_hours,
        BookingStatus.CONFIRMED: NOW + timedelta(hours=100) + two_hours,
        BookingStatus.COMPLETED: NOW - timedelta(hours=10) - two_hours,
        BookingStatus.CANCELLED: NOW + timedelta(hours=130),
    }
    guest, title = f"Guest {number:03}", f"Booked {number:03}"
    for status, starts_at in starts.items():
        make_booking(service, starts_at, status, last_name=guest, service_title=title, customer=customer)


def add_to_platform(numbers: Iterable[int]) -> None:
    """For each number one of everything that the platform lists, and of what it keeps of alpha."""
    for number in numbers:
        mark = f"{number:03}"
        make_run(f"run-{mark}")
        dead_message(last_error=f"Error {mark}")
        with platform_scope(reason="lists"):
            tenant = _add_tenant(mark)
            WebhookEvent.objects.create(
                event_id=f"evt_{mark}", type=f"event-{mark}", tenant_id=tenant.id, state="quarantined", happened_at=NOW
            )
            PackageVersion.objects.create(
                digest=f"{number:064x}", package_id=f"look-{mark}", version="1.0.0", name=f"Look {mark}", size_bytes=1
            )
            PackageVersion.objects.get_or_create(
                digest=WORN, defaults={"package_id": "worn", "version": "1.0.0", "name": "Worn", "size_bytes": 1}
            )
            Tenant.objects.filter(pk=tenant.pk).update(theme_digest=WORN)
            _add_invoice(tenant, mark)
            for user in User.objects.filter(email="owner@twin.example"):
                Ownership.objects.create(user=user, tenant=tenant, member_id=UUID(int=number))
            AuditEntry.objects.create(
                actor_label="Olive", actor_kind="user", action="test.happened", target=f"Act {mark}", tenant_id=ALPHA_ID
            )
            _add_subscription(tenant, number)
            TenantHealth.objects.create(tenant=tenant, score=90, state="good", gathered_at=NOW)
            Quarantine.objects.create(tenant_id=tenant.id, was_active=True, reason=f"Quarantine {mark}")
            _add_domain(f"domain-{mark}.acme-cleaning.com")
            domain = CustomDomain.objects.filter(host=CHANGED_HOST).first() or _add_domain(CHANGED_HOST)
            DomainChange.objects.create(domain=domain, aspect=Aspect.ADDRESS, after="elsewhere", detail=f"Change {mark}")
            BillingInvoice.objects.create(
                tenant_id=ALPHA_ID, stripe_id=f"in_alpha_{mark}", number=f"Invoice {mark}", status="paid", currency="GBP",
                total_minor=5100, paid_minor=5100, remaining_minor=0, issued_at=NOW,
            )  # fmt: skip
            IsolationReport.objects.create(tenant_id=ALPHA_ID, state="ready", verdict="held", requested_by=f"Tested {mark}")
            Archive.objects.create(
                tenant_id=ALPHA_ID, state=ArchiveState.READY, requested_by=f"archive-{mark}@twin.example", size_bytes=1,
                sha256=mark * 16, expires_at=NOW + timedelta(days=7),
            )  # fmt: skip
            Archive.objects.create(
                tenant_id=ALPHA_ID, is_snapshot=True, state=ArchiveState.READY, requested_by=f"snapshot-{mark}@stoa.example",
                size_bytes=1, taken_at=NOW, expires_at=NOW + timedelta(days=14),
            )  # fmt: skip


def _add_tenant(mark: str) -> Tenant:
    """The registry's rows of an organization whose schema nobody asks for."""
    tenant_id = UUID(int=0x01900000_0000_7000_9000_000000000000 + int(mark))
    tenant = Tenant.objects.create(
        id=tenant_id, schema_name=f"t_{tenant_id.hex}", slug=f"market-{mark}", name=f"Market {mark}", status="active",
        kind="home_services", plan_code="studio", entitlements={}, locale="en-GB", currency="GBP",
        time_zone="Europe/London", theme_package="base", owner_email="owner@twin.example",
    )  # fmt: skip
    tenant.domains.create(host=f"market-{mark}.localhost", is_primary=True, state=DomainState.LIVE)
    return tenant


def _add_invoice(tenant: Tenant, mark: str) -> None:
    """One that is overdue; the first of them has a credit note for each."""
    BillingInvoice.objects.create(
        tenant=tenant, stripe_id=f"in_{mark}", number=f"invoice-{mark}", status="open", currency="GBP", total_minor=1000,
        paid_minor=0, remaining_minor=1000, issued_at=NOW - timedelta(days=40), due_at=NOW - timedelta(days=10),
        is_by_hand=True,
    )  # fmt: skip
    first = BillingInvoice.objects.get(stripe_id="in_001")
    BillingCreditNote.objects.create(
        tenant_id=first.tenant_id, invoice=first, stripe_id=f"cn_{mark}", number=f"note-{mark}", status="issued",
        currency="GBP", amount_minor=10, issued_at=NOW,
    )  # fmt: skip


def _add_subscription(tenant: Tenant, number: int) -> None:
    """One that is paid for, each by more, and owed for since. Without the audit trail, whose lines are counted, too."""
    made = Subscription.objects.create(
        tenant=tenant, state=State.ACTIVE, plan_code="studio", plan_version=1, currency="EUR", began_at=NOW,
        stripe_id=f"sub_{number}",
    )  # fmt: skip
    note_value(made)
    Subscription.objects.filter(pk=made.pk).update(state=State.PAST_DUE, revision=2, owing_since_at=NOW)
    owing = Subscription.objects.get(pk=made.pk)
    note_value(owing)
    for revision, before, after in ((1, "", State.ACTIVE), (2, State.ACTIVE, State.PAST_DUE)):
        Transition.objects.create(
            subscription=owing, revision=revision, from_state=before, to_state=after, cause=CauseKind.STRIPE, label="sub"
        )
    BillingInvoice.objects.create(
        tenant=tenant, stripe_id=f"in_{number}", status="open", currency="EUR", total_minor=2000, paid_minor=number,
        remaining_minor=2000 - number, issued_at=NOW,
    )  # fmt: skip


def _add_domain(host: str) -> CustomDomain:
    later = NOW + timedelta(days=7)
    return CustomDomain.objects.create(
        tenant_id=ALPHA_ID, host=host, look=host, state=ClaimState.CLAIMED, claim_expires_at=later, next_check_at=later
    )
