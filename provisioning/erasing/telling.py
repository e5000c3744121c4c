"""Who is told when an organization has closed, or is open again: its owners, and customers with a booking to come.

Each enters the organization's scope by itself: what is its own waits while it is closed, and these letters must not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kernel import clock
from kernel.jobs import enqueue
from provisioning.erasing.jobs import TellCustomersOfClosing, TellCustomersOfReopening
from shared_apps.closing.events import OrganizationClosed, OrganizationReopened
from tenant_apps.bookings.selectors.phrases import locale_here
from tenant_apps.bookings.services import tell_customers_of_closing, tell_customers_of_reopening
from tenant_apps.members.selectors import owners
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Action, Letter, Template
from tenants.context import TenantContext
from tenants.errors import TenantNotServed
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.types import ENDED, TenantStatus
from webui.formats import day_text

# A part of the letters about the closing that has begun goes on for as long as its lease (`kernel.jobs`): whoever it has not
# come to yet would be passed over, and then be told that the booking is off.
_ONE_PART: Final = timedelta(seconds=20)


def write_to_owners_of_closed(event: OrganizationClosed) -> None:
    """Tell each owner until when they can open it again, and where. Twice: one letter each."""
    tenant = _if_closed(event.organization_id)
    if tenant is None:
        return
    with tenant_scope(tenant):
        for owner in owners():
            language = owner.language or tenant.language
            with translation.override(language):
                letter = _letter(tenant, event)
            key = f"closed:{event.closed_at:%Y%m%d%H%M%S}:{owner.public_id}"
            send_mail(key=key, to=owner.email, letter=letter, language=language)


def begin_telling_of_closing(event: OrganizationClosed) -> None:
    """Customers are as many as they are: a job writes to them, in parts. Twice: one job."""
    job = TellCustomersOfClosing(event.organization_id, event.closed_at)
    _enqueue(job, f"tell-closed:{event.organization_id}:{event.closed_at.isoformat()}")


def begin_telling_of_reopening(event: OrganizationReopened) -> None:
    """The same for whoever was told before, when nobody is being told of the closing any more. Twice: one job."""
    job = TellCustomersOfReopening(event.organization_id, event.closed_at)
    _enqueue(job, f"tell-reopened:{event.organization_id}:{event.closed_at.isoformat()}", begins_at=clock.now() + _ONE_PART)


def tell_of_closing(job: TellCustomersOfClosing) -> TellCustomersOfClosing | None:
    """Write to the next customers, unless it is open again. Twice: one letter each."""
    tenant = _if_closed(job.organization_id)
    if tenant is None:
        return None
    with tenant_scope(tenant):
        last = tell_customers_of_closing(closed_at=job.closed_at, after=job.after, now=clock.now())
    return None if last is None else replace(job, after=last)


def tell_of_reopening(job: TellCustomersOfReopening) -> TellCustomersOfReopening | None:
    """Write to the next customers, unless it is closed again. Twice: one letter each.

    Raises:
        TenantNotServed: it is suspended, or in maintenance, as it was before; they hear when their booking really stands.
    """
    tenant = context_for(job.organization_id)
    if tenant is None or tenant.status in ENDED:
        return None
    if tenant.status != TenantStatus.ACTIVE:
        raise TenantNotServed(f"{tenant.id} is open again, and not served yet")
    with tenant_scope(tenant):
        last = tell_customers_of_reopening(closed_at=job.closed_at, after=job.after, now=clock.now())
    return None if last is None else replace(job, after=last)


def _enqueue(job: TellCustomersOfClosing | TellCustomersOfReopening, key: str, *, begins_at: datetime | None = None) -> None:
    with platform_scope(reason="tell customers"), transaction.atomic():
        enqueue(job, key=key, begins_at=begins_at)


def _if_closed(organization_id: UUID) -> TenantContext | None:
    with platform_scope(reason="closed still?"):
        is_closed = Tenant.objects.filter(pk=organization_id, status=TenantStatus.CLOSING).exists()
    return context_for(organization_id) if is_closed else None


def _letter(tenant: TenantContext, event: OrganizationClosed) -> Letter:
    words = {"market": tenant.name, "day": day_text(event.erases_at.date(), locale_here(), "yMMMMd")}
    path = reverse("closed_marketplace", urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=[tenant.slug])
    return Letter(
        template=Template.ORGANIZATION_CLOSED,
        subject=_("%(market)s is closed") % words,
        preheader=_("You can open it again until %(day)s.") % words,
        status=_("Closed"),
        tone="warn",
        heading=_("%(market)s is closed") % words,
        paragraphs=(
            _("Nobody can book any more, and whoever had a booking to come is being told that it is off.") % words,
            _("Until %(day)s everything is kept: you can open it again as it was, or fetch an archive of it.") % words,
            _("Then it is erased, for good: people, bookings, pictures, addresses."),
        ),
        button=Action(_("Open it again, or fetch an archive"), settings.PLATFORM_URL + path),
        footnote=_("If this was not you, open it again at once, and change your password."),
    )
