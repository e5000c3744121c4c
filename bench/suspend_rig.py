"""Stands inside the installation that `bench_suspend` asks: makes credentials, suspends and resumes, has jobs done.

Reads one word a line from its input, and answers each with one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

_PAUSE_SECONDS: Final = 0.05
_SLUG: Final = "brightnest"
_resumed: list[float] = []


def main() -> None:
    """Answer until the input ends."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    django.setup()
    answers: dict[str, Callable[[], Any]] = {  # Any: JSON
        "credentials": _credentials,
        "suspend": _suspend,
        "resume": _resume,
        "last_job": _last_job,
        "first_job_since": _first_job_since_resumed,
    }
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answers[line.strip()]()) + "\n")
        sys.stdout.flush()


def _credentials() -> dict[str, str]:
    from kernel.actor import Actor
    from tenant_apps.api.services import create_key
    from tenant_apps.bookings.models import Booking
    from tenant_apps.bookings.selectors.links import manage_token
    from tenants.scope import tenant_scope

    tenant = _tenant()
    _wait_until_quiet()
    with tenant_scope(tenant):
        key = create_key(actor=Actor.system("bench"), name="Bench", scopes=["services:read"]).text
        token = manage_token(Booking.objects.with_sides().filter(status="confirmed").order_by("pk")[0])
    threading.Thread(target=_enqueue_for_ever, args=[tenant], daemon=True).start()
    return {"host": tenant.primary_host, "key": key, "token": token}


def _wait_until_quiet() -> None:
    """What the samples' making set off is through: when their owners are first proved to be such, earlier keys end."""
    from kernel.outbox.models import OutboxMessage
    from tenants.scope import platform_scope

    with platform_scope(reason="bench"):
        while OutboxMessage.objects.filter(state__in=("pending", "leased")).exists():
            time.sleep(_PAUSE_SECONDS)


def _suspend() -> float:
    from kernel.actor import Actor
    from tenants.suspending import suspend_tenant

    suspend_tenant(actor=Actor.system("bench"), tenant_id=_tenant().id)
    return time.time()


def _resume() -> float:
    from kernel.actor import Actor
    from tenants.suspending import resume_tenant

    resume_tenant(actor=Actor.system("bench"), tenant_id=_tenant().id)
    _resumed.append(time.time())
    return _resumed[-1]


def _last_job() -> float:
    """When a worker was last through with a job of it."""
    from kernel.outbox.models import OutboxMessage
    from tenants.scope import platform_scope

    with platform_scope(reason="bench"):
        done = OutboxMessage.objects.filter(tenant_id=_tenant().id, state="done", key__startswith="bench:")
        last = done.order_by("-done_at").values_list("done_at", flat=True).first()
    return last.timestamp() if last else 0.0


def _first_job_since_resumed() -> float:
    """When a worker was first through with a job of it after the last time that it was resumed; much later if none was."""
    from kernel.outbox.models import OutboxMessage
    from tenants.scope import platform_scope

    since = datetime.fromtimestamp(_resumed[-1], UTC)
    with platform_scope(reason="bench"):
        done = OutboxMessage.objects.filter(tenant_id=_tenant().id, state="done", key__startswith="bench:", done_at__gte=since)
        first = done.order_by("done_at").values_list("done_at", flat=True).first()
    return first.timestamp() if first else time.time()


def _enqueue_for_ever(tenant: Any) -> None:  # Any: a TenantContext, which is not imported before Django is set up
    from django.db import transaction

    from kernel.idempotency.jobs import PurgeKeys
    from kernel.jobs import enqueue
    from tenants.scope import tenant_scope

    number = 0
    while True:
        number += 1
        with tenant_scope(tenant), transaction.atomic():
            enqueue(PurgeKeys(), key=f"bench:{os.getpid()}:{number}")
        time.sleep(_PAUSE_SECONDS)


def _tenant() -> Any:  # Any: as above
    from tenants.hosts import context_for
    from tenants.models import Tenant
    from tenants.scope import platform_scope

    with platform_scope(reason="bench"):
        pk = Tenant.objects.values_list("pk", flat=True).get(slug=_SLUG)
    return context_for(pk)


if __name__ == "__main__":
    main()
