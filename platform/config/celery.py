"""The Celery app. PostgreSQL holds the truth (outbox, runs); Celery only rings the bell."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from celery import Celery
from celery.signals import worker_init
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app: Final = Celery("stoa", task_cls="tenants.tasks:ScopedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    result_expires=None,  # there are none, so beat need not send for them to be cleaned up
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    # Longer than the longest task, the same everywhere: the shortest one in any app wins (R36).
    broker_transport_options={"visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 2},
    broker_connection_retry_on_startup=True,
    task_publish_retry=False,
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
)
app.autodiscover_tasks()


@worker_init.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def warm_up_worker(**_: Any) -> None:  # Any: Celery's own signature
    """Before the worker forks its children, who all have it then; Celery has set Django up."""
    from config.warming import warm_up

    warm_up()


def ring_doorbell(message_ids: Sequence[UUID]) -> None:
    """Tell the workers that these outbox rows wait. A lost ring is harmless: the sweeper finds them within seconds."""
    from kernel.outbox.tasks import deliver_messages

    try:
        deliver_messages.delay([str(message_id) for message_id in message_ids])
    except (OperationalError, OSError):
        return
