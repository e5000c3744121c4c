"""What the layers above plug into the kernel: settings name their functions, so that nothing here imports them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from kernel.origins import NOBODY, on_behalf_of
from kernel.outbox.standing import Standing


def subscriptions() -> Mapping[type, Sequence[str]]:
    """Setting `EVENT_SUBSCRIPTIONS`: the path of the table {event class: (paths of its handlers, …)}."""
    return cast("Mapping[type, Sequence[str]]", _plugged_in("EVENT_SUBSCRIPTIONS"))  # checked by kernel.outbox.checks


def tenant_id() -> UUID | None:
    """Setting `OUTBOX_TENANT_ID`: the path of a function that tells the tenant in scope, None for the platform's own scope.

    It raises outside of any scope, so that an event without an owner is never written.
    """
    return cast("UUID | None", _plugged_in("OUTBOX_TENANT_ID")())  # the setting's contract


def enter_scope(tenant_id: UUID | None, *, reason: str) -> AbstractContextManager[object]:
    """Setting `OUTBOX_ENTER_SCOPE`: the path of a function that makes the scope of a tenant, or of the platform for None."""
    scope = _plugged_in("OUTBOX_ENTER_SCOPE")(tenant_id, reason=reason)
    return cast("AbstractContextManager[object]", scope)  # the setting's contract


def clusters() -> Sequence[str]:
    """Setting `OUTBOX_CLUSTERS`: the path of a function that names the clusters, each of which has an outbox of its own."""
    return cast("Sequence[str]", _plugged_in("OUTBOX_CLUSTERS")())  # the setting's contract


def on_cluster(alias: str) -> AbstractContextManager[object]:
    """Setting `OUTBOX_ON_CLUSTER`: the path of a function by which a block keeps the books of one cluster's outbox."""
    return cast("AbstractContextManager[object]", _plugged_in("OUTBOX_ON_CLUSTER")(alias))  # the setting's contract


def in_each_cluster[T](act: Callable[[], T]) -> list[T]:
    """What `act` gave back for the outbox of each cluster, in their order."""
    found = []
    for alias in clusters():
        with on_cluster(alias):
            found.append(act())
    return found


def enter_books(*, reason: str) -> AbstractContextManager[object]:
    """Setting `OUTBOX_BOOKS`: the path of a function that makes the platform's scope on the cluster whose books are kept."""
    return cast("AbstractContextManager[object]", _plugged_in("OUTBOX_BOOKS")(reason=reason))  # the setting's contract


def ring_doorbell(message_ids: Sequence[UUID], *, shard: int) -> None:
    """Setting `OUTBOX_DOORBELL`: the path of a function that tells the workers of a shard that work waits there.

    `message_ids` say for how much it is rung, and nothing else: whose turn it is stands in the table. A ring may get lost:
    the sweep finds the messages too. Called in the platform's scope, and on nobody's behalf: a worker goes on with what others
    asked for.
    """
    with enter_scope(None, reason="outbox doorbell"), on_behalf_of(NOBODY):
        _plugged_in("OUTBOX_DOORBELL")(message_ids, shard=shard)


def job_kinds() -> Any:  # Any: kernel.jobs gives it its type, and stands above this module
    """Setting `JOB_KINDS`: the path of the table {class of jobs: its kind}."""
    return _plugged_in("JOB_KINDS")


def job_schedules() -> Any:  # Any: as above, kernel.schedules
    """Setting `JOB_SCHEDULES`: the path of the table of what each tenant is given once a day."""
    return _plugged_in("JOB_SCHEDULES")


def standings(tenant_ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
    """Setting `OUTBOX_STANDINGS`: the path of a function that tells how these tenants stand. Called in the platform's scope."""
    return cast("Mapping[UUID, Standing]", _plugged_in("OUTBOX_STANDINGS")(tenant_ids))  # the setting's contract


def lock_namespace() -> str:
    """Setting `LOCK_NAMESPACE`: the path of a function that names the scope, since advisory locks are database-wide (R23)."""
    return str(_plugged_in("LOCK_NAMESPACE")())


def http_allow_private() -> tuple[str, ...]:
    """Setting `HTTP_ALLOW_PRIVATE`: the `host:port` pairs inside our network that our adapters may speak to; none if unset."""
    return tuple(getattr(settings, "HTTP_ALLOW_PRIVATE", ()))


def number(name: str, default: int) -> int:
    """The whole number in the setting `name`, where it is set."""
    return int(getattr(settings, name, default))


def _plugged_in(name: str) -> Any:  # Any: whatever the setting's path leads to
    return import_string(getattr(settings, name))
