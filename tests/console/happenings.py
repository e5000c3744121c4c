"""Runs and messages as they would be found; and what the audit trail says."""

from __future__ import annotations

import html
import re
from itertools import count
from uuid import UUID

from django.utils import timezone

from kernel.actor import Actor
from kernel.ids import format_public_id
from kernel.outbox.models import MessageState, OutboxMessage
from provisioning.models import Run, Step
from provisioning.services import create_run
from provisioning.types import OrganizationRequest, RunState, StepState
from shared_apps.audit.models import AuditEntry
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID

_numbers = count(1)


def make_run(slug: str = "", *, tenant_id: UUID | None = None) -> Run:
    """A run that nobody has advanced yet."""
    slug = slug or f"market-{next(_numbers)}x"
    request = OrganizationRequest(
        slug=slug, name=slug.title(), owner_email="ann@x.example", blueprint="agency", plan_code="studio"
    )
    run = create_run(actor=Actor.system("test"), request=request, idempotency_key=f"key-{slug}")
    with platform_scope(reason="test"):
        Run.objects.filter(pk=run.pk).update(tenant_id=tenant_id)
    return run


def failed_run(slug: str = "", *, tenant_id: UUID | None = None) -> Run:
    """A run that stopped at its fourth step."""
    run = make_run(slug, tenant_id=tenant_id)
    with platform_scope(reason="test"):
        Step.objects.filter(run=run, position__lt=3).update(state=StepState.DONE, duration_ms=87, attempt=1)
        Step.objects.filter(run=run, position=3).update(state=StepState.FAILED, error="DnsError: no answer", attempt=5)
        Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, error="DnsError: no answer", finished_at=timezone.now())
    return run


def dead_message(event_type: str = "bookings.BookingConfirmed", **fields: object) -> OutboxMessage:
    """An event whose handler failed too often."""
    now = timezone.now()
    defaults: dict[str, object] = {
        "event_type": event_type,
        "handler": "tenant_apps.notifications.handlers.send_confirmation",
        "payload": {},
        "state": MessageState.DEAD,
        "attempts": 8,
        "tenant_id": ALPHA_ID,
        "available_at": now,
        "created_at": now,
        "last_error": "SMTPServerDisconnected: gone",
    }
    with platform_scope(reason="test"):
        return OutboxMessage.objects.create(**(defaults | fields))


def url_of(run: Run, act: str = "") -> str:
    return f"/console/runs/{format_public_id('run', run.public_id)}/{act}"


def tenant_url(tenant_id: UUID, act: str = "") -> str:
    return f"/console/tenants/{format_public_id('org', tenant_id)}/{act}"


def state_of(run: Run) -> str:
    with platform_scope(reason="test"):
        return Run.objects.values_list("state", flat=True).get(pk=run.pk)


def trail() -> list[tuple[str, str, str, str]]:
    """Action, target, who and why of each entry, oldest first, without what happened before the console."""
    with platform_scope(reason="test"):
        entries = AuditEntry.objects.exclude(action__in=("operator.appointed", "run.created")).order_by("id")
        return list(entries.values_list("action", "target", "actor_label", "reason"))


def text_of(response) -> str:
    return response.content.decode()


def words_of(response) -> str:
    """What a page says between its tags, in one line."""
    text = html.unescape(re.sub(r"<[^>]*>", " ", text_of(response)))
    return re.sub(r"\s+", " ", text)
