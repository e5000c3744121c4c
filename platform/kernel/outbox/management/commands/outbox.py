"""`manage.py outbox status|sweep|replay|purge`: the outbox by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import clock
from kernel.errors import DomainError
from kernel.outbox.relay import deliver_due
from kernel.outbox.selectors import get_outbox_status
from kernel.outbox.upkeep import purge, replay, sweep


class Command(BaseCommand):
    help = "Show the outbox, take back lost messages, replay dead ones, delete old ones."
    # Its own checks would refuse to run exactly when the outbox needs attention.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="how many messages are in each state")
        sweeping = actions.add_parser("sweep", help="take back lost leases and ring for overdue messages")
        sweeping.add_argument("--deliver", action="store_true", help="handle what is due right here, without Celery")
        replaying = actions.add_parser("replay", help="give a dead message a new life")
        replaying.add_argument("message_id", type=UUID)
        purging = actions.add_parser("purge", help="delete what was done long ago")
        purging.add_argument("--days", type=int, default=7)

    def handle(self, **options: Any) -> None:  # Any: Django's own signature
        match options["action"]:
            case "status":
                said = _status()
            case "sweep":
                said = _sweep_and_deliver() if options["deliver"] else _sweep()
            case "replay":
                said = _replay(options["message_id"])
            case _:
                said = _purge(options["days"])
        self.stdout.write(said)


def _status() -> str:
    status = get_outbox_status()
    counts = f"pending {status.pending}  leased {status.leased}  done {status.done}  dead {status.dead}"
    return f"{counts}  oldest wait {status.oldest_wait.total_seconds():.0f} s"


def _sweep() -> str:
    swept = sweep()
    return f"taken back {swept.taken_back}  given up {swept.given_up}  rung {len(swept.rung)}"


def _sweep_and_deliver() -> str:
    return f"{_sweep()}  handled {len(deliver_due(limit=10_000))}"


def _replay(message_id: UUID) -> str:
    try:
        replay(message_id)
    except DomainError as error:
        raise CommandError(error.message) from error
    return f"replayed {message_id}"


def _purge(days: int) -> str:
    return f"purged {purge(older_than=clock.now() - timedelta(days=days))}"
