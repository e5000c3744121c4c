"""What pages and workers read of isolation reports. Each enters the platform's scope by itself: a marketplace's may ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from kernel.actor import Actor
from shared_apps.isolation.errors import ReportNotFound
from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.types import ASK, GIVEN_UP_AFTER, MOST_KEPT, UNDER_WAY, ReportState, Verdict
from tenants.scope import platform_scope


def reports_for(*, actor: Actor, tenant_id: UUID) -> Sequence[IsolationReport]:
    """The reports of an organization without their words, the newest first (one query).

    Raises:
        PermissionDenied: the actor may not ask for them.
    """
    actor.require(ASK)
    with platform_scope(reason="isolation reports"):
        return list(_without_words().filter(tenant_id=tenant_id).order_by("-id")[:MOST_KEPT])


def report_for(*, actor: Actor, tenant_id: UUID, report_id: UUID) -> IsolationReport:
    """One finished report of an organization (one query).

    Raises:
        PermissionDenied: the actor may not ask for it.
        ReportNotFound: there is none, it is not finished, or it is another organization's.
    """
    actor.require(ASK)
    with platform_scope(reason="isolation report"):
        ready = IsolationReport.objects.filter(tenant_id=tenant_id, state=ReportState.READY)
        found = ready.filter(public_id=report_id).first()
    if found is None:
        raise ReportNotFound(_("There is no such report."))
    return found


def report_by_id(report_id: UUID) -> IsolationReport | None:
    """One report, for whoever makes it (one query); None when it is gone, with its organization or by its age."""
    with platform_scope(reason="isolation report"):
        return IsolationReport.objects.filter(public_id=report_id).first()


def given_up(now: datetime) -> Sequence[IsolationReport]:
    """The reports that nobody works on any more (one query)."""
    with platform_scope(reason="given up isolation reports"):
        standing = _without_words().filter(state__in=UNDER_WAY, noted_at__lte=now - GIVEN_UP_AFTER)
        return list(standing.order_by("id"))


def alarms(tenant_id: UUID | None = None) -> Sequence[IsolationReport]:
    """The latest report of each organization (or of one) in which an attempt got through, unless a later one is clean."""
    with platform_scope(reason="isolation alarms"):
        clean = IsolationReport.objects.filter(tenant=OuterRef("tenant"), id__gt=OuterRef("id"), verdict=Verdict.HELD)
        newer = IsolationReport.objects.filter(tenant=OuterRef("tenant"), id__gt=OuterRef("id"), verdict=Verdict.BROKEN)
        broken = _without_words().filter(~Exists(clean), ~Exists(newer), verdict=Verdict.BROKEN).select_related("tenant")
        return list((broken if tenant_id is None else broken.filter(tenant_id=tenant_id)).order_by("-id"))


def _without_words() -> models.QuerySet[IsolationReport]:
    return IsolationReport.objects.defer("document", "trials")
