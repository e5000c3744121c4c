"""The sweeper's look at commands that were left: a killed process, or an answer that never came. Twice: a lease decides."""

from __future__ import annotations

from typing import Final

import structlog
from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from shared_apps.billing.selectors import are_commands_left
from shared_apps.billing.services import finish_commands
from tenants.tasks import are_workers_behind

log = structlog.get_logger(__name__)
_EXPIRES_SECONDS: Final = 60


@shared_task(name="billing.finish_left_commands")  # type: ignore[untyped-decorator]  # Celery is untyped
def finish_left_commands() -> None:
    """Ask Stripe again, with the same keys."""
    finish_commands()


@shared_task(name="billing.sweep_commands")  # type: ignore[untyped-decorator]  # Celery is untyped
def sweep_commands() -> None:
    """Send for a worker where a command was left: asking takes seconds, and the sweeper has none to give."""
    if not are_commands_left():
        return
    queue = settings.DOMAIN_QUEUE or None
    try:
        if are_workers_behind(queue):
            log.warning("workers away, billing commands are finished later")
            return
        finish_left_commands.apply_async(expires=_EXPIRES_SECONDS, queue=queue)
    except (OperationalError, RedisError, OSError):
        log.warning("broker away, billing commands are finished later")
