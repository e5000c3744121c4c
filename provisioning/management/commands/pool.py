"""`manage.py pool fill|status`: the warm pool by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from provisioning import pool


class Command(BaseCommand):
    help = "Fill the warm pool of ready-made schemas, or tell how full it is."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        filling = actions.add_parser("fill", help="make schemas until enough are ready")
        filling.add_argument("--target", type=int, help="how many; by default the setting PROVISIONING_POOL_TARGET")
        actions.add_parser("status")

    def handle(self, *, action: str, **options: Any) -> None:  # Any: Django's own options
        if action == "fill":
            self.stdout.write(f"made {pool.fill(options['target'])}")
        status = pool.pool_status()
        self.stdout.write(f"version {status.version}  ready {status.ready} of {status.target}  stale {status.stale}")
