"""Asking for an isolation report, noting how the test gets on, and its end. What is tried is `provisioning.selftest`'s."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.jobs import enqueue
from shared_apps.audit.services import record
from shared_apps.isolation.errors import AskedTooSoon
from shared_apps.isolation.jobs import TryIsolation
from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.types import (
    AGAIN_AFTER,
    ASK,
    GIVEN_UP_AFTER,
    MOST_KEPT,
    UNDER_WAY,
    Finished,
    ReportState,
    Trial,
    Verdict,
)
from tenants.scope import current_tenant, platform_scope

_log = logging.getLogger(__name__)
_ACTOR: Final = Actor.system("isolation test")


def order_report(*, actor: Actor, now: datetime | None = None) -> IsolationReport:
    """Ask for a report about the marketplace in scope; a worker begins after the commit.

    While one is under way it is the same one, however often and by however many at once it is asked for.

    Raises:
        PermissionDenied: the actor may not ask.
        AskedTooSoon: the last one was asked for less than three minutes ago.
    """
    actor.require(ASK)
    moment, tenant = now or clock.now(), current_tenant()
    with transaction.atomic():
        with platform_scope(reason="order isolation report"):
            report = _ordered(tenant.id, actor, moment)
        if report.state == ReportState.WAITING:
            # In the marketplace's own scope: the job is its own. The key makes the second of two who ask at once harmless.
            enqueue(TryIsolation(report_id=report.public_id), key=f"isolation:{report.public_id.hex}")
    return report


def _ordered(tenant_id: UUID, actor: Actor, now: datetime) -> IsolationReport:
    standing = IsolationReport.objects.filter(tenant_id=tenant_id)
    standing.filter(state__in=UNDER_WAY, noted_at__lte=now - GIVEN_UP_AFTER).update(state=ReportState.FAILED)
    under_way = standing.filter(state__in=UNDER_WAY).first()
    if under_way is not None:
        return under_way
    if standing.filter(created_at__gt=now - AGAIN_AFTER).exists():
        raise AskedTooSoon(
            _("The last test was asked for a moment ago. You can ask again %(count)d minutes after it.")
            % {"count": AGAIN_AFTER.seconds // 60}
        )
    report = insert_or_none(IsolationReport(tenant_id=tenant_id, requested_by=actor.label, created_at=now, noted_at=now))
    if report is None:
        return standing.get(state__in=UNDER_WAY)
    kept = standing.order_by("-id").values("pk")[:MOST_KEPT]
    standing.exclude(pk__in=kept).delete()
    _note("isolation.ordered", report, actor)
    return report


def note_part(report: IsolationReport, *, part: int, family: str, trials: Sequence[Trial], now: datetime | None = None) -> bool:
    """Keep what was found in one family; whether it counted: a second worker at the same part changes nothing."""
    moment = now or clock.now()
    found = report.trials | {family: [asdict(trial) for trial in trials]}
    with platform_scope(reason="isolation part"):
        standing = IsolationReport.objects.filter(pk=report.pk, state__in=UNDER_WAY, parts_done=part)
        return bool(
            standing.update(
                state=ReportState.RUNNING,
                started_at=report.started_at or moment,
                noted_at=moment,
                parts_done=part + 1,
                trials=found,
            )
        )


def note_begun(report: IsolationReport, *, now: datetime | None = None) -> None:
    """A worker has come to it. May be called again."""
    moment = now or clock.now()
    with platform_scope(reason="isolation begun"):
        IsolationReport.objects.filter(pk=report.pk, state=ReportState.WAITING).update(
            state=ReportState.RUNNING, started_at=moment, noted_at=moment
        )


def note_finished(report: IsolationReport, finished: Finished) -> None:
    """Keep the signed words; where an attempt got through, tell the operator: audit trail, log, console. Twice: once."""
    with platform_scope(reason="isolation finished"), transaction.atomic():
        standing = IsolationReport.objects.filter(pk=report.pk, state__in=UNDER_WAY)
        counted = standing.update(
            state=ReportState.READY,
            verdict=finished.verdict,
            document=finished.document,
            signature=finished.signature,
            key=finished.key,
            finished_at=finished.at,
            noted_at=finished.at,
        )
        if counted and finished.verdict == Verdict.BROKEN:
            _note("isolation.broken", report, _ACTOR)
            # Not after the commit: a line too many is better than one too few.
            _log.error("isolation broken", extra={"isolation_report": report.outside_id, "tenant": str(report.tenant_id)})


def give_up(report: IsolationReport) -> bool:
    """Nobody works on it any more; whoever asked may ask for another. Whether it was still under way."""
    with platform_scope(reason="isolation given up"):
        standing = IsolationReport.objects.filter(pk=report.pk, state__in=UNDER_WAY)
        return bool(standing.update(state=ReportState.FAILED))


def _note(action: str, report: IsolationReport, actor: Actor) -> None:
    record(
        action=action,
        actor_label=actor.label,
        actor_kind=actor.kind,
        tenant_id=report.tenant_id,
        data={"report": report.outside_id},
    )
