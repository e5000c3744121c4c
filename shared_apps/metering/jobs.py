"""The work of metering that waits for somebody else's answer (config.jobs)."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.jobs import Job


@dataclass(frozen=True)
class ReportUsage(Job):
    """Tell Stripe what was used, some of it at a time."""

    part: int = 0


@dataclass(frozen=True)
class CompareUsage(Job):
    """Compare what Stripe has counted with what it was told; `after`: behind which month's row this part begins."""

    after: int = 0
