"""`manage.py sweeper`: the process that finds what a lost doorbell or a killed worker left."""

from __future__ import annotations

import signal
from pathlib import Path
from threading import Event
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connections

from integrations.telemetry import start_telemetry
from provisioning.periodic import Sweeper, configured_jobs
from tenants.pooling import refuse_to_start_behind_one

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Run the periodic jobs every two seconds until told to stop. Several may run; one works at a time."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=2.0, help="pause between sweeps")
        parser.add_argument("--once", action="store_true", help="sweep once and end")
        parser.add_argument("--heartbeat", type=Path, help="touch this file after each round that reached the database")

    def handle(
        self, *, seconds: float, once: bool, heartbeat: Path | None, **_options: Any
    ) -> None:  # Any: Django's other options
        start_telemetry("sweeper")
        refuse_to_start_behind_one()
        stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        sweeper = Sweeper(configured_jobs())
        log.info("sweeper runs", seconds=seconds)
        while not stopping.is_set():
            if _sweep(sweeper) and heartbeat is not None:
                heartbeat.touch()
            if once:
                return
            stopping.wait(seconds)


def _sweep(sweeper: Sweeper) -> bool:
    """Whether the database answered."""
    close_old_connections()
    try:
        sweeper.sweep()
    except DatabaseError:
        # PostgreSQL restarts, or is away: the next round tries again with a new connection.
        log.exception("sweep failed")
        connections.close_all()
        return False
    return True
