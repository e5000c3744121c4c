"""What is done about archives when its hour has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings

from kernel import clock
from kernel.actor import Actor
from shared_apps.archives.jobs import TakeSnapshot
from shared_apps.archives.services import order_snapshot
from tenants.scope import current_tenant

# Less than a day, so that a night's job that comes a little early is not left out.
_EVERY: Final = timedelta(hours=20)


def take_snapshot_of_tenant(job: TakeSnapshot) -> None:
    """Ask for today's snapshot of the organization in scope. Twice, on its first day, or in a sandbox: nothing."""
    del job
    if settings.NIGHTLY_SNAPSHOTS and not current_tenant().is_sandbox:
        since = clock.now() - _EVERY
        order_snapshot(actor=Actor.system("nightly snapshot"), tenant_id=current_tenant().id, unless_since=since)
