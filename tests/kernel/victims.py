"""Processes that are killed at the worst moment: `python -m tests.kernel.victims ACT [MESSAGE]`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4


def run_victim(database: str, *arguments: str) -> int:
    """Run this module in a process of its own on `database`; returns how the process ended."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
    environment = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    command = [sys.executable, "-m", "tests.kernel.victims", *arguments]
    return subprocess.run(command, env=environment, check=False, timeout=60).returncode


def die(*_arguments: object, **_options: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(act: str, *arguments: str) -> None:
    import django

    django.setup()

    from django.conf import settings

    from tenants.scope import platform_scope

    settings.EVENT_SUBSCRIPTIONS = "tests.kernel.samples.SUBSCRIPTIONS"
    settings.OUTBOX_DOORBELL = "tests.kernel.victims.die"
    with platform_scope(reason="victim"):
        {"commit": commit, "almost_commit": almost_commit, "handle": handle}[act](*arguments)


def commit() -> None:
    """Die between the commit and the doorbell."""
    from django.db import transaction

    from kernel.events import publish
    from tests.kernel.samples import KettleBoiled

    with transaction.atomic():
        publish(KettleBoiled(uuid4(), datetime.now(UTC)))


def almost_commit() -> None:
    """Die between the insert and the commit."""
    from django.db import transaction

    from kernel.events import publish
    from tests.kernel.samples import KettleBoiled

    with transaction.atomic():
        publish(KettleBoiled(uuid4(), datetime.now(UTC)))
        die()


def handle(message_id: str) -> None:
    """Die while handling a message."""
    from kernel.outbox.relay import deliver
    from tests.kernel import samples

    samples.misbehave.append(die)
    deliver(UUID(message_id))


if __name__ == "__main__":
    main(*sys.argv[1:])
