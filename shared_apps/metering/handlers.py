"""What workers do for metering. Each may run again: Stripe takes a slice once, and comparing changes nothing there."""

from __future__ import annotations

from dataclasses import replace

from integrations.stripe import configured_gateway
from shared_apps.metering.jobs import CompareUsage, ReportUsage
from shared_apps.metering.services import compare_part, report_part


def report_usage(job: ReportUsage) -> ReportUsage | None:
    """Tell Stripe of the next slices, and go on with those after them."""
    return replace(job, part=job.part + 1) if report_part(configured_gateway()) else None


def compare_usage(job: CompareUsage) -> CompareUsage | None:
    """Look at Stripe's next sums, and go on with those after them."""
    rest = compare_part(configured_gateway(), after=job.after)
    return None if rest is None else replace(job, after=rest)
