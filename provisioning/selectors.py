"""Runs as operators list them and the browser that asked for one watches it, by their public ids, with their steps."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.paging import Page, fetch_page
from provisioning.errors import RunNotFound
from provisioning.models import Run, Step
from provisioning.types import GOING_BACK, RunState

_WAYS_SHOWN: Final = 10


def get_runs_for(*, actor: Actor, state: str = "", cursor: str | None, limit: int) -> Page[Run]:
    """One page of runs, the newest first; of one state where asked (two queries).

    Raises:
        PermissionDenied: not for this actor; Invalid for a cursor that is none of ours.
    """
    actor.require("runs.view")
    runs = with_steps().filter(state=state) if state else with_steps()
    return fetch_page(runs, order=("-id",), cursor=cursor, limit=limit)


def run_for(*, actor: Actor, run_id: UUID) -> Run:
    """One run (two queries).

    Raises:
        PermissionDenied, RunNotFound.
    """
    actor.require("runs.view")
    run = find_run(run_id)
    if run is None:
        raise RunNotFound(_("There is no such run."))
    return run


def find_run(run_id: UUID) -> Run | None:
    """One run, for a caller that has made sure that it may be seen: in the browser that asked for it (two queries)."""
    return with_steps().filter(public_id=run_id).first()


def runs_of(*, actor: Actor, tenant_id: UUID, limit: int) -> list[Run]:
    """The runs of one organization, the newest first (two queries).

    Raises:
        PermissionDenied: not for this actor.
    """
    actor.require("runs.view")
    return list(with_steps().filter(tenant_id=tenant_id).order_by("-id")[:limit])


def ways_back(*, actor: Actor, tenant_id: UUID, since: datetime) -> list[Run]:
    """What was restored, put in place or brought back of an organization and not taken back, ended since then or under way.

    The newest first (two queries).

    Raises:
        PermissionDenied: not for this actor.
    """
    actor.require("runs.view")
    found = with_steps().filter(tenant_id=tenant_id, kind__in=GOING_BACK).exclude(state=RunState.UNDONE)
    return list(found.filter(Q(finished_at=None) | Q(finished_at__gt=since)).order_by("-id")[:_WAYS_SHOWN])


def failing_runs(*, actor: Actor, limit: int = 5) -> list[Run]:
    """The newest runs that stopped and wait for a person (two queries).

    Raises:
        PermissionDenied: not for this actor.
    """
    actor.require("runs.view")
    return list(with_steps().filter(state__in=(RunState.FAILED, RunState.UNDO_FAILED)).order_by("-id")[:limit])


def with_steps() -> QuerySet[Run]:
    """Runs as `run_reading` draws them: with their steps, without what those noted, which can be a whole catalog."""
    return Run.objects.prefetch_related(Prefetch("steps", Step.objects.order_by("position").defer("result")))
