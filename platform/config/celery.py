"""The Celery app. PostgreSQL holds the truth (outbox with its jobs, runs); Celery only rings the bell."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.entity import Queue
from kombu.exceptions import OperationalError

from kernel.outbox.shards import ALL_SHARDS, PLATFORM_SHARD, ROUNDS_QUEUE, queue_of

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

# An older ring says nothing that the sweep has not said again since (kernel.outbox.rings); workers throw it away.
BELL_SECONDS: Final = 60
_BELLS_AT_ONCE: Final = 4

app: Final = Celery("stoa", task_cls="tenants.tasks:ScopedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    result_expires=None,  # there are none, so beat need not send for them to be cleaned up
    worker_prefetch_multiplier=1,
    # A worker looks into all of them in turn, unless told otherwise (`-Q long`).
    task_queues=[Queue(name) for name in (*map(queue_of, ALL_SHARDS), ROUNDS_QUEUE)],  # type: ignore[no-untyped-call]  # kombu
    task_default_queue=queue_of(PLATFORM_SHARD),
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    # Once more and at once: the first try may have met a pooled connection that a restart of Redis had cut.
    task_publish_retry=True,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0},
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
)
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def keep_logging(**_: object) -> None:
    """Having a listener, Celery leaves logging as Django's LOGGING says (which `django.setup()` has read by then)."""


@worker_init.connect  # type: ignore[untyped-decorator]  # as above
def be_patient(**_: object) -> None:
    """A worker waits for Redis longer than a request does: nobody stands behind it."""
    app.conf.broker_transport_options = app.conf.broker_transport_options | {"socket_timeout": 5, "socket_connect_timeout": 2}


@worker_init.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def warm_up_worker(**_: Any) -> None:  # Any: Celery's own signature
    """Before the worker forks its children, who all have it then; Celery has set Django up."""
    from django.core.exceptions import ImproperlyConfigured

    from config.warming import warm_up
    from integrations.telemetry import require_packages
    from tenants.errors import TenancyError

    try:
        require_packages()
        warm_up()
    except (ImproperlyConfigured, TenancyError) as refusal:
        # Celery logs whatever else its listeners raise, and goes on.
        raise SystemExit(str(refusal)) from refusal


@worker_process_init.connect  # type: ignore[untyped-decorator]  # as above
def end_what_never_ends(**_: object) -> None:
    """In each forked child: a handler that outlasts its lease takes its own process with it, and nobody else's work."""
    from kernel.outbox.watch import watch_this_process

    watch_this_process()


@worker_process_init.connect  # type: ignore[untyped-decorator]  # as above
def tell_collector(**_: object) -> None:
    """In each forked child, since a thread does not come along."""
    from integrations.telemetry import start_telemetry

    start_telemetry("worker")


def ring_doorbell(message_ids: Sequence[UUID], *, shard: int = PLATFORM_SHARD) -> None:
    """Tell the workers of a shard that work waits there: a bell for each message, four at most, since each worker goes on.

    A lost ring is harmless: the sweeper finds what nobody came for within seconds.
    """
    from kernel.outbox.tasks import serve_shard

    with suppress(OperationalError):
        for _ in range(min(max(len(message_ids), 1), _BELLS_AT_ONCE)):
            serve_shard.apply_async([shard], expires=BELL_SECONDS, queue=queue_of(shard))
