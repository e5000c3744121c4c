"""`manage.py outbox status|sweep|purge`: the outbox by hand. What was given up is replayed by `manage.py jobs`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser

from kernel import clock
from kernel.outbox.reach import away_clusters
from kernel.outbox.selectors import get_outbox_status
from kernel.outbox.serving import serve
from kernel.outbox.shards import ALL_SHARDS
from kernel.outbox.upkeep import purge, sweep

_PATIENCE_SECONDS: Final = 600.0


class Command(BaseCommand):
    help = "Show the outbox, take back lost messages, delete old ones."
    # Its own checks would refuse to run exactly when the outbox needs attention.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="how many messages are in each state")
        sweeping = actions.add_parser("sweep", help="take back lost leases and ring for overdue messages")
        sweeping.add_argument("--deliver", action="store_true", help="handle what is due right here, without Celery")
        purging = actions.add_parser("purge", help="delete what was done long ago")
        purging.add_argument("--days", type=int, default=7)

    def handle(self, **options: Any) -> None:  # Any: Django's own signature
        match options["action"]:
            case "status":
                said = _status()
            case "sweep":
                said = _sweep_and_deliver() if options["deliver"] else _sweep()
            case _:
                said = _purge(options["days"])
        self.stdout.write(said)
        for alias in away_clusters():
            self.stderr.write(f"the cluster {alias} does not answer: what lies there is missing")


def _status() -> str:
    status = get_outbox_status()
    counts = f"pending {status.pending}  leased {status.leased}  done {status.done}  dead {status.dead}"
    return f"{counts}  oldest wait {status.oldest_wait.total_seconds():.0f} s"


def _sweep() -> str:
    swept = sweep()
    return f"taken back {swept.taken_back}  given up {swept.given_up}  rung {len(swept.rung)}"


def _sweep_and_deliver() -> str:
    swept = _sweep()
    # As a worker would, in turn and within the caps; for as long as it takes, since nobody goes on behind it.
    handled = [outcome for shard in ALL_SHARDS for outcome in serve(shard, seconds=_PATIENCE_SECONDS)]
    return f"{swept}  handled {len(handled)}"


def _purge(days: int) -> str:
    return f"purged {purge(older_than=clock.now() - timedelta(days=days))}"
