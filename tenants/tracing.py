"""What django-structlog asks of us: the id of a request, safe from strangers, and the tenant on its lines and a task's."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import uuid4

import structlog
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_structlog import signals
from django_structlog.celery.signals import bind_extra_task_metadata

from tenants.context import TenantContext
from tenants.tasks import HEADER

REQUEST_ID_HEADER: Final = "X-Request-ID"
_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def request_id_from(sent: str | None) -> str:
    """The id that a proxy or caller sent, if it is one that can do no harm in a log or header; else a fresh one."""
    return sent if sent and _WELL_FORMED.fullmatch(sent) else uuid4().hex


@receiver(signals.bind_extra_request_metadata)
def keep_sent_request_id(request: HttpRequest, **_: object) -> None:
    """Go on under the id that the request came with, so that one search finds the proxy's lines and ours."""
    structlog.contextvars.bind_contextvars(request_id=request_id_from(request.headers.get(REQUEST_ID_HEADER)))


@receiver(signals.bind_extra_request_finished_metadata)
def name_tenant_of_request(request: HttpRequest, log_kwargs: dict[str, object], **_: object) -> None:
    """The closing line of a request is written outside of its scope."""
    tenant = getattr(request, "tenant", None)
    if isinstance(tenant, TenantContext):
        log_kwargs |= {"tenant": str(tenant.id), "slug": tenant.slug}


@receiver([signals.bind_extra_request_finished_metadata, signals.update_failure_response])
def answer_with_request_id(response: HttpResponseBase, **_: object) -> None:
    """Tell the caller the id: what somebody reports can be found."""
    response.headers[REQUEST_ID_HEADER] = structlog.contextvars.get_contextvars().get("request_id", "")


@receiver(bind_extra_task_metadata)
def name_tenant_of_task(task: Any, **_: object) -> None:  # Any: Celery is untyped
    """Celery's own lines about a task (started, failed) are written outside of its scope."""
    if named := getattr(task.request, HEADER, None):
        structlog.contextvars.bind_contextvars(tenant=named)
