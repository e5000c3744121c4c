"""The two sides of an isolation test: a marketplace, and a made-up other one that never exists for anybody else.

All rows, the other's schema included, lie in one transaction that is always rolled back. So nothing is left behind whatever
happens to the worker, nobody else ever sees them, and no rows of the owner's are touched.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction

from kernel import clock
from kernel.ids import new_id
from provisioning.pool import claim_or_create
from provisioning.selftest.files import prefix_of, remove_files
from shared_apps.accounts.models import User
from shared_apps.rest.keys import mint_text, secret_fields
from shared_apps.rest.types import KeyKind
from tenant_apps.api.models import ApiKey
from tenant_apps.api.types import SCOPES
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.types import ServiceStatus
from tenant_apps.members.models import Invitation, Membership
from tenant_apps.members.types import Role
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus
from tenants.clusters import on_cluster
from tenants.context import TenantContext
from tenants.hosts import context_for, host_cache
from tenants.models import Domain, Tenant
from tenants.schemas import code_schema_version, schema_for
from tenants.scope import platform_scope, tenant_scope
from tenants.types import DomainState, TenantStatus


@dataclass(frozen=True, slots=True)
class Side:
    """One marketplace, and what lies in it for the other to reach for. `mark` is a word that stands nowhere else."""

    tenant: TenantContext
    report_id: UUID
    mark: str
    user_id: int
    api_key: str
    booking: Booking
    invitation_id: UUID

    @property
    def slug(self) -> str:
        """Of its category, its provider and its service."""
        return self.mark

    @property
    def title(self) -> str:
        """What its service and its provider are called; a search for it finds them."""
        return f"Canary {self.mark}"


@dataclass(frozen=True, slots=True)
class Stage:
    """`own` is the marketplace whose owner asked, `other` the made-up one."""

    own: Side
    other: Side


@contextmanager
def staged(tenant: TenantContext, report_id: UUID) -> Generator[Stage]:
    """Both sides, furnished alike, until the block ends; then neither rows nor files of it are there any more."""
    remove_files(tenant, report_id)
    try:
        with _kept_open(), transaction.atomic():
            try:
                other = _other_tenant(tenant, report_id)
                yield Stage(_furnished(tenant, report_id), _furnished(other, report_id))
            finally:
                transaction.set_rollback(True)
    finally:
        host_cache.forget(_host(report_id))
        remove_files(tenant, report_id)


@contextmanager
def _kept_open() -> Generator[None]:
    """Django and Channels drop a connection that they find in a transaction when a request or message is over; ours lasts."""
    # On a cluster of its own the marketplace's transaction reaches over two connections.
    kept = connections.all()
    for connection in kept:
        connection.close_if_unusable_or_obsolete = lambda: None  # type: ignore[method-assign]  # of this one object, for the block
    try:
        yield
    finally:
        for connection in kept:
            del connection.close_if_unusable_or_obsolete


def _host(report_id: UUID) -> str:
    return f"{_slug(report_id)}.{settings.PLATFORM_DOMAIN}"


def _slug(report_id: UUID) -> str:
    return f"isolation-{report_id.hex[-16:]}"


def _other_tenant(tenant: TenantContext, report_id: UUID) -> TenantContext:
    # An id of its own: what any cache keeps under it must not be met by whoever gets the schema from the pool one day.
    with on_cluster(tenant.database):
        tenant_id, schema = new_id(), schema_for(claim_or_create())
    with platform_scope(reason="isolation test"):
        row = Tenant.objects.create(
            id=tenant_id,
            schema_name=schema,
            database=tenant.database,
            slug=_slug(report_id),
            name="Isolation test",
            status=TenantStatus.ACTIVE,
            kind=tenant.kind,
            plan_code=tenant.plan,
            plan_version=tenant.plan_version,
            entitlements=dict(tenant.entitlements),
            locale=tenant.locale,
            currency=tenant.currency,
            time_zone=tenant.time_zone,
            theme_package=tenant.theme_package,
            theme_digest=tenant.theme_digest,
            storage_prefix=prefix_of(report_id),
            schema_version=code_schema_version(),
            owner_email="nobody@isolation.invalid",
        )
        Domain.objects.create(tenant=row, host=_host(report_id), is_primary=True, state=DomainState.LIVE)
    found = context_for(tenant_id)
    assert found is not None
    return found


def _furnished(tenant: TenantContext, report_id: UUID) -> Side:
    mark, now = f"canary-{secrets.token_hex(12)}", clock.now()
    text = mint_text(KeyKind.TENANT, tenant.slug)
    with tenant_scope(tenant):
        user = User.objects.create_user(f"{mark}@isolation.invalid", None, first_name="Canary")
        Membership.objects.create(user=user, role=Role.OWNER)
        ApiKey.objects.create(name=mark, scopes=sorted(SCOPES), created_by=mark, created_at=now, **secret_fields(text))
        invitation = Invitation.objects.create(
            email=f"new-{mark}@isolation.invalid", role=Role.MANAGER, invited_by=user, expires_at=now + timedelta(days=1)
        )
        booking = _booking(_service(tenant, mark), now)
    return Side(tenant, report_id, mark, user.pk, text, booking, invitation.public_id)


def _service(tenant: TenantContext, mark: str) -> Service:
    title = f"Canary {mark}"
    return Service.objects.create(
        provider=Provider.objects.create(
            slug=mark, display_name=title, headline=title, time_zone=tenant.time_zone, status=ProviderStatus.LIVE
        ),
        category=Category.objects.create(slug=mark, name=mark),
        slug=mark,
        title=title,
        summary=title,
        description=title,
        price_minor=100,
        currency=tenant.currency,
        duration_minutes=60,
        status=ServiceStatus.LIVE,
    )


def _booking(service: Service, now: datetime) -> Booking:
    start = now + timedelta(days=2)
    span = (start, start + timedelta(hours=1))
    return Booking.objects.create(
        public_id=new_id(),
        provider=service.provider,
        service=service,
        status=BookingStatus.CONFIRMED,
        starts_at=span[0],
        ends_at=span[1],
        time_and_after=span,
        before_and_time=span,
        time_zone=service.provider.time_zone,
        local_start=f"{start:%Y-%m-%dT%H:%M}",
        first_name="Canary",
        email="nobody@isolation.invalid",
        customer_time_zone=service.provider.time_zone,
        language="en",
        service_title=service.title,
        price_minor=service.price_minor,
        currency=service.currency,
        cancel_notice_minutes=60,
        due_at=span[1],
        booked_at=now,
    )
