"""`manage.py provisioning runs|retry|undo`: provisioning by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.actor import Actor
from kernel.errors import DomainError
from kernel.ids import format_public_id, parse_public_id
from provisioning.models import Run
from provisioning.saga.engine import advance_to_end
from provisioning.services import RUN_PREFIX, retry_run, undo_run
from provisioning.types import RunState

_SHOWN = 25
_ACTOR = Actor.system("manage.py provisioning")


class Command(BaseCommand):
    help = "List provisioning runs, retry a failed one, take one back."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("runs", help="the newest first, with the step at which each stands")
        listing.add_argument("--state", default="", choices=["", *RunState.values])
        actions.add_parser("retry").add_argument("run")
        undoing = actions.add_parser("undo", help="take everything back; of a live organization, its data too")
        undoing.add_argument("run")
        undoing.add_argument("--name", required=True, help="the organization's slug, to confirm")

    def handle(self, *, action: str, **options: Any) -> None:  # Any: Django's own options
        try:
            match action:
                case "runs":
                    self._list(options["state"])
                case "retry":
                    run_id = parse_public_id(RUN_PREFIX, options["run"])
                    retry_run(actor=_ACTOR, run_id=run_id)
                    self._finish(run_id)
                case _:
                    run_id = parse_public_id(RUN_PREFIX, options["run"])
                    undo_run(actor=_ACTOR, run_id=run_id, confirmed_name=options["name"])
                    self._finish(run_id)
        except DomainError as error:
            raise CommandError(error.message) from error

    def _list(self, state: str) -> None:
        runs = Run.objects.filter(state=state) if state else Run.objects.all()
        for run in runs.prefetch_related("steps").order_by("-id")[:_SHOWN]:
            self._line(run)

    def _finish(self, run_id: UUID) -> None:
        run = Run.objects.get(public_id=run_id)
        state = advance_to_end(run.pk)
        run.refresh_from_db()
        self._line(run)
        if state not in {RunState.DONE, RunState.UNDONE}:
            raise CommandError(f"The run is {state}: {run.error or 'another worker is at it'}")

    def _line(self, run: Run) -> None:
        steps = " ".join(f"{step.name}:{step.state}" for step in sorted(run.steps.all(), key=lambda step: step.position))
        name = format_public_id(RUN_PREFIX, run.public_id)
        self.stdout.write(f"{name}  {run.request['slug']:<20} {run.state:<12} {steps}")
        if run.error:
            self.stdout.write(f"    {run.error}")
