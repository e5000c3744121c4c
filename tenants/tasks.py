"""The base of every Celery task: the scope travels in a header, and a task without one is refused."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

import structlog
from celery import Task, current_app, shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from kernel import clock
from kernel.breaker import Breaker
from tenants.context import TenantContext
from tenants.errors import NoTenant, TenantGone, TenantNotServed
from tenants.hosts import context_for
from tenants.schemas import is_served
from tenants.scope import platform_scope, require_scope, tenant_scope
from tenants.spans import told_as_task
from tenants.strays import carry_strays
from tenants.traffic.writing import delete_old_traffic
from tenants.types import TenantStatus

HEADER: Final = "stoa_scope"
_PLATFORM: Final = "platform"
# A round for a thousand tenants is a thousand tasks, and workers that are well behind still get theirs.
_TOO_MANY_WAITING: Final = 10_000

# While a tenant is set up it has no pages, so what happens in it is provisioning's own doing.
WORKED_FOR: Final = frozenset({TenantStatus.ACTIVE, TenantStatus.PROVISIONING})

log = structlog.get_logger(__name__)

# What is sent is a doorbell: PostgreSQL knows what is to be done, so a request need not wait for Redis again and again.
broker: Final = Breaker(pause_seconds=10)


class BrokerAway(OperationalError):
    """The task was not sent. A subclass of what Celery raises itself."""


class ScopedTask(Task):  # type: ignore[misc]  # Celery is untyped
    """Sent with the sender's scope, run inside it. Prefork workers only: one task at a time in a process.

    A task whose tenant is not served fails, and is not sent again: what must not be lost is a row (outbox, run) for which
    the sweepers ring.
    """

    abstract = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:  # Any: Celery's own signature
        """Send it, or fail within a second.

        Raises:
            NoTenant: outside of any scope.
            BrokerAway: Redis does not answer, or did not a moment ago.
        """
        scope = require_scope()
        headers = dict(options.pop("headers", None) or {})
        headers[HEADER] = str(scope.id) if isinstance(scope, TenantContext) else _PLATFORM
        if not broker.may_try():
            raise BrokerAway("The broker did not answer a moment ago.")
        try:
            sent = super().apply_async(args, kwargs, headers=headers, **options)
        except (OperationalError, RedisError, OSError) as error:
            if broker.note_failure():
                log.warning("broker away", error=str(error))
            raise BrokerAway(str(error)) from error
        broker.note_success()
        return sent

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # Any: Celery's own signature
        named = (self.request.headers or {}).get(HEADER) or getattr(self.request, HEADER, None)
        if not named:
            raise NoTenant(f"The task {self.name} came without a scope.")
        with enter_scope(None if named == _PLATFORM else UUID(named), reason=f"task {self.name}"), told_as_task(self.name):
            return super().__call__(*args, **kwargs)


def are_workers_behind(queue: str | None = None) -> bool:
    """Whether so many tasks wait that more would only pile up: Redis keeps them all, also those whose time is over.

    Raises:
        OperationalError, RedisError, OSError: the broker is away.
    """
    with current_app.connection_for_read() as connection:
        waiting = connection.default_channel.queue_declare(queue or current_app.conf.task_default_queue).message_count
    return int(waiting) > _TOO_MANY_WAITING


def is_worked_for(status: str, *, keeps_bookings: bool) -> bool:
    """Whether its jobs are done now: also of one that is ajar, or nobody heard of what is called off."""
    return status in WORKED_FOR or (status == TenantStatus.SUSPENDED and keeps_bookings)


def enter_scope(tenant_id: UUID | None, *, reason: str) -> AbstractContextManager[object]:
    """The scope of a tenant by its id, or the platform's for None.

    Raises:
        TenantGone: the registry does not know the tenant, or it was erased: whatever wanted in never can.
        TenantNotServed: it is suspended, closing or under maintenance, or its schema is not one that this code knows
            (R9, R16). Later it may be.
    """
    if tenant_id is None:
        return platform_scope(reason=reason)
    context = context_for(tenant_id)
    if context is None or context.status == TenantStatus.ERASED:
        raise TenantGone(f"No tenant {tenant_id}.")
    if not is_worked_for(context.status, keeps_bookings=context.keeps_bookings):
        raise TenantNotServed(f"The tenant {tenant_id} is {context.status}.")
    if context.is_read_only:
        raise TenantNotServed(f"The tenant {tenant_id} is being moved to another cluster.")
    if not is_served(context):
        raise TenantNotServed(f"The schema of {tenant_id} is at {context.schema_version}.")
    return tenant_scope(context)


@shared_task(name="tenants.bring_strays_home")  # type: ignore[untyped-decorator]  # Celery is untyped
def bring_strays_home() -> None:
    """Carry what came late to the outbox of a cluster that its organization has left; every minute. May run twice."""
    carry_strays()


@shared_task(name="tenants.forget_traffic")  # type: ignore[untyped-decorator]  # Celery is untyped
def forget_old_traffic() -> None:
    """Delete what was counted more than eight days ago; once a day. May run twice."""
    delete_old_traffic(now=clock.now())
