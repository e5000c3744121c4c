"""Processes that are killed at the worst moment."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from kernel.events import publish
from kernel.outbox.relay import deliver
from tenants.scope import platform_scope
from tests.factories.children import child, die, exit_codes
from tests.kernel import samples
from tests.kernel.samples import KettleBoiled


def run_victim(act: str, *arguments: str) -> int | None:
    """Let a process do one of the acts below on this test's database; how it ended."""
    [code] = exit_codes([child(_suffer, act, *arguments)])
    return code


def _suffer(act: str, *arguments: str) -> None:
    settings.EVENT_SUBSCRIPTIONS = "tests.kernel.samples.SUBSCRIPTIONS"
    settings.OUTBOX_DOORBELL = "tests.factories.children.die"
    with platform_scope(reason="victim"):
        {"commit": commit, "almost_commit": almost_commit, "handle": handle}[act](*arguments)


def commit() -> None:
    """Die between the commit and the doorbell."""
    with transaction.atomic():
        publish(KettleBoiled(uuid4(), datetime.now(UTC)))


def almost_commit() -> None:
    """Die between the insert and the commit."""
    with transaction.atomic():
        publish(KettleBoiled(uuid4(), datetime.now(UTC)))
        die()


def handle(message_id: str) -> None:
    """Die while handling a message."""
    samples.misbehave.append(die)
    deliver(UUID(message_id))
