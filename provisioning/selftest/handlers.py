"""Carries out an isolation test, a family at a time; what was found is noted after each, so that a killed one goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from kernel import clock
from provisioning.selftest.acts import access, cache, database, files, live, objects, search, tasks
from provisioning.selftest.document import finished
from provisioning.selftest.files import remove_files
from provisioning.selftest.stage import staged
from provisioning.selftest.trying import Act, try_all
from shared_apps.isolation.jobs import TryIsolation
from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.selectors import given_up, report_by_id
from shared_apps.isolation.services import give_up, note_begun, note_finished, note_part
from shared_apps.isolation.types import FAMILIES, UNDER_WAY
from tenants.hosts import context_for
from tenants.scope import current_tenant

ACTS: Final[Mapping[str, Mapping[str, Act]]] = {
    "objects": objects.ACTS,
    "database": database.ACTS,
    "cache": cache.ACTS,
    "files": files.ACTS,
    "tasks": tasks.ACTS,
    "live": live.ACTS,
    "access": access.ACTS,
    "search": search.ACTS,
}


def try_isolation(job: TryIsolation) -> TryIsolation | None:
    """Make the attempts of one family, in the scope of the marketplace whose owner asked; gives back the next part.

    Twice, or by two at once: the same attempts again, of which the first that are noted count.
    """
    report = report_by_id(job.report_id)
    if report is None or report.state not in UNDER_WAY or job.part != report.parts_done:
        return _next_of(report, job)
    note_begun(report)
    report = report_by_id(job.report_id) or report
    family = FAMILIES[job.part]
    with staged(current_tenant(), report.public_id) as stage:
        trials = list(try_all(ACTS[family.id], stage))
    note_part(report, part=job.part, family=family.id, trials=trials)
    if job.part + 1 < len(FAMILIES):
        return replace(job, part=job.part + 1)
    _finish(job)
    return None


def end_given_up(*, now: datetime | None = None) -> int:
    """End the tests that nobody works on any more, and take away the files that they may have left; how many."""
    ended = 0
    for report in given_up(now or clock.now()):
        tenant = context_for(report.tenant_id)
        if tenant is not None:
            remove_files(tenant, report.public_id)
        ended += give_up(report)
    return ended


def _next_of(report: IsolationReport | None, job: TryIsolation) -> TryIsolation | None:
    """Where a job goes on whose part was noted by a worker that was killed before it could say so."""
    if report is None or report.state not in UNDER_WAY:
        return None
    if report.parts_done < len(FAMILIES):
        return replace(job, part=report.parts_done)
    _finish(job)
    return None


def _finish(job: TryIsolation) -> None:
    report = report_by_id(job.report_id)
    if report is not None and report.parts_done == len(FAMILIES):
        note_finished(report, finished(report, current_tenant(), clock.now()))
