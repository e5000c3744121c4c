"""Runs as pages show them: steps in words and seconds. They are read by `provisioning.selectors`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.ids import format_public_id
from provisioning.content.reading import blueprint_ids, load_blueprint
from provisioning.models import Run, Step
from provisioning.services import RUN_PREFIX
from provisioning.steps import step_class
from provisioning.types import ACTIVE_RUNS, UNDOABLE, RunKind, RunState, StepState
from tenants.types import TENANT_PREFIX

# A run takes a fifth of a second: who watches a fresh one asks often. One that takes longer, or waits for its next attempt,
# is asked about in peace.
_EAGER_FOR: Final = timedelta(seconds=3)
_EAGER_MILLISECONDS: Final = 100
_PATIENT_MILLISECONDS: Final = 500
_ASKED: Final = {
    "name": _("Name"),
    "slug": _("Address"),
    "owner_email": _("Owner"),
    "owner_name": _("Owner's name"),
    "blueprint": _("Kind of market"),
    "plan_code": _("Plan"),
    "brand_color": _("Colour"),
    "accent_color": _("Second colour"),
    "tagline": _("Line below the name"),
    "locale": _("Language and country"),
    "currency": _("Currency"),
    "time_zone": _("Time zone"),
    "sample": _("Sample"),
    "archive": _("Archive"),
    "parts": _("Parts"),
    "cluster": _("Cluster"),
}
_SHOWN_AS: Final = {
    StepState.PENDING: "waiting",
    StepState.RUNNING: "running",
    StepState.DONE: "done",
    StepState.FAILED: "failed",
    StepState.UNDONE: "waiting",
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step. `shown_as` is waiting, running, done or failed, as `components/progress.html` draws it."""

    name: str
    label: str | Promise
    shown_as: str
    state: StepState
    seconds: float | None
    error: str
    attempt: int
    lease_owner: str
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunPicture:
    """A run with its steps, first to last.

    `work_seconds` is what its steps took, None before the first is through; `seconds` is from the request to the end, with
    all that it waited for others or for a person, None while it goes on.
    """

    run: Run
    steps: Sequence[StepLine]

    @property
    def id_text(self) -> str:
        """The id that people and addresses carry."""
        return format_public_id(RUN_PREFIX, self.run.public_id)

    @property
    def tenant_text(self) -> str:
        """The id of its organization as addresses carry it; empty where there is none, or none any more."""
        return format_public_id(TENANT_PREFIX, self.run.tenant_id) if self.run.tenant_id and self.slug else ""

    @property
    def slug(self) -> str:
        return str(self.run.request.get("slug", ""))

    @property
    def name(self) -> str:
        return str(self.run.request.get("name", ""))

    @property
    def state_label(self) -> str | Promise:
        return RunState(self.run.state).label

    @property
    def is_active(self) -> bool:
        """Whether somebody is, or soon will be, at work on it."""
        return self.run.state in ACTIVE_RUNS

    @property
    def is_done(self) -> bool:
        return self.run.state == RunState.DONE

    @property
    def has_failed(self) -> bool:
        return self.run.state in {RunState.FAILED, RunState.UNDO_FAILED}

    @property
    def is_being_undone(self) -> bool:
        return self.run.state in {RunState.UNDOING, RunState.UNDO_FAILED}

    @property
    def can_be_retried_by_visitors(self) -> bool:
        """Forward only: what an operator takes back is not the visitor's to set going again."""
        return self.run.state == RunState.FAILED

    @property
    def is_undoable(self) -> bool:
        """Whether somebody could ask for it: of an erased organization nothing is left to take back."""
        return self.run.state in UNDOABLE and bool(self.slug)

    @property
    def makes_organization(self) -> bool:
        """Whether undoing it takes the organization away, and not only what the run did about one that stays."""
        return self.run.kind in {RunKind.CREATE_ORGANIZATION, RunKind.IMPORT_ORGANIZATION, RunKind.CLONE_ORGANIZATION}

    @property
    def is_comparison(self) -> bool:
        """Whether it restored a snapshot beside, and says what is otherwise now."""
        return self.run.kind == RunKind.RESTORE_ORGANIZATION

    @property
    def comparison_text(self) -> str:
        """The id of the run that restored the snapshot this one takes from; empty for any other run."""
        restored = self.run.request.get("restored")
        return format_public_id(RUN_PREFIX, UUID(restored)) if restored else ""

    @property
    def source_text(self) -> str:
        """The id of the organization this run copies from, or whose sandbox it brings over; empty for any other run."""
        source = self.run.request.get("source")
        return format_public_id(TENANT_PREFIX, UUID(source)) if source else ""

    @property
    def seconds(self) -> float | None:
        if self.run.finished_at is None:
            return None
        return (self.run.finished_at - self.run.created_at).total_seconds()

    @property
    def work_seconds(self) -> float | None:
        took = [step.seconds for step in self.steps if step.seconds is not None]
        return sum(took) if took else None

    @property
    def failed_step(self) -> StepLine | None:
        """The step at which it stopped."""
        return next((step for step in self.steps if step.state is StepState.FAILED), None)

    @property
    def done_count(self) -> int:
        return sum(step.state is StepState.DONE for step in self.steps)

    @property
    def answers(self) -> list[tuple[str | Promise, str]]:
        """What was asked for, in words; what was left open, and what only programs read, is left out."""
        asked = {key: str(value) for key, value in self.run.request.items() if value and key in _ASKED}
        if "blueprint" in asked:
            asked["blueprint"] = kind_name(asked["blueprint"])
        return [(_ASKED[key], value) for key, value in asked.items()]

    def lines_for_visitors(self) -> list[dict[str, object]]:
        """The steps without what is for the operator's eyes: causes in a program's words, workers, attempts."""
        return [{"label": step.label, "state": step.shown_as, "seconds": step.seconds} for step in self.steps]

    def milliseconds_until_asked_again(self, now: datetime) -> int:
        """How long a page that shows this run waits before it asks for the next look."""
        return _EAGER_MILLISECONDS if now - self.run.created_at < _EAGER_FOR else _PATIENT_MILLISECONDS

    def ended_within(self, span: timedelta, now: datetime) -> bool:
        return self.run.finished_at is not None and now - self.run.finished_at < span


def kind_name(blueprint_id: str) -> str:
    """A kind of market as people know it; its id where this version has none of it any more."""
    return load_blueprint(blueprint_id).name if blueprint_id in blueprint_ids() else blueprint_id


def picture_of(run: Run) -> RunPicture:
    """The run, read with its steps."""
    return RunPicture(run, [_line(run, step) for step in run.steps.all()])


def _line(run: Run, step: Step) -> StepLine:
    state = StepState(step.state)
    return StepLine(
        name=step.name,
        label=_label(run, step.name),
        shown_as=_SHOWN_AS[state],
        state=state,
        seconds=None if step.duration_ms is None else step.duration_ms / 1000,
        error=step.error,
        attempt=step.attempt,
        lease_owner=step.lease_owner,
        started_at=step.started_at,
        finished_at=step.finished_at,
    )


def _label(run: Run, name: str) -> str | Promise:
    try:
        return step_class(RunKind(run.kind), name).label
    except (LookupError, ValueError):
        # Of an older or newer version of the code; its name still tells something.
        return name.replace("_", " ").capitalize()
