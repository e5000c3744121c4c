"""Single records of a snapshot, taken by their public door."""

from __future__ import annotations

from django.db.models import Model

from provisioning.archives.kinds import kind_of_table
from provisioning.archives.picks import Picks
from provisioning.archives.singles import order_records
from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.types import RunState
from tenant_apps.bookings.models import Booking
from tests.provisioning.organizations import SYSTEM, again


def picked(*things: Model) -> Picks:
    rows: dict[str, frozenset[int]] = {}
    for thing in things:
        table = thing._meta.db_table
        assert kind_of_table(table) is not None
        rows[table] = rows.get(table, frozenset()) | {thing.pk}
    return Picks(rows)


def ordered(beside: Run, *things: Model) -> Run:
    return order_records(actor=SYSTEM, run_id=beside.public_id, picks=picked(*things))


def taken(beside: Run, *things: Model) -> Run:
    run = ordered(beside, *things)
    assert advance(run.pk) == RunState.DONE, again(run).error
    return again(run)


def refused(beside: Run, *things: Model) -> str:
    """Why the run stopped."""
    run = ordered(beside, *things)
    assert advance(run.pk) == RunState.FAILED
    return again(run).error


def facts_of(booking: Booking) -> dict[str, object]:
    fields = [field.attname for field in Booking._meta.concrete_fields if field.attname not in {"id", "hold_key"}]
    return {name: getattr(booking, name) for name in fields}
