"""What the sweeper does: finishes commands that a killed process, or a lost answer, has left, and lets time pass.

Twice: of a command a lease decides; a subscription is moved from the row as it was read.
"""

from __future__ import annotations

from typing import Final

import structlog
from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from shared_apps.billing.selectors import are_commands_left
from shared_apps.billing.services import finish_commands
from shared_apps.billing.services import pass_time as _pass_time
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


@shared_task(name="billing.pass_time")  # type: ignore[untyped-decorator]  # Celery is untyped
def pass_time() -> None:
    """Let trials, patience and grace end. One query where nothing is due."""
    _pass_time()
