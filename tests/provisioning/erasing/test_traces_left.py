"""Controls of the proof: something is left behind in each kind of place, and found there; and of whom nothing is a trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection
from redis import Redis

from kernel import clock
from kernel.outbox.models import OutboxMessage
from provisioning.erasing.services import order_erasure
from provisioning.saga.engine import advance
from provisioning.steps import erasing as steps
from provisioning.types import RunState
from shared_apps.audit.services import record
from shared_apps.domains.models import CustomDomain
from tenants.context import TenantContext
from tenants.scope import owner_scope, platform_scope
from tenants.sessions import SessionStore
from tenants.storage_by_prefix import storage_by_prefix
from tests.provisioning.organizations import SYSTEM, again

pytestmark = [pytest.mark.proves("faults.erasing"), pytest.mark.control]


def its_id_in_a_column_of_text(tenant: TenantContext) -> None:
    with platform_scope(reason="test"):
        record(action="plan.edited", actor_label="op", actor_kind="operator", reason=f"because of {tenant.id}")


def a_customer_in_json(tenant: TenantContext) -> None:
    now, payload = clock.now(), {"deep": [{"to": f"Guest <MEMBER-{tenant.slug}@world.example>"}]}
    with platform_scope(reason="test"):
        OutboxMessage.objects.create(
            event_type="x", handler="tests.factories.events.ignore", payload=payload, available_at=now, created_at=now
        )


def its_name_in_a_table_that_nobody_heard_of(tenant: TenantContext) -> None:
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.forgotten (words text)")
        cursor.execute("INSERT INTO public.forgotten VALUES (%s)", [f"Dear {tenant.name},"])


def a_schema(tenant: TenantContext) -> None:
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{tenant.schema}"')


def a_role(tenant: TenantContext) -> None:
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{tenant.role}" NOLOGIN')


def a_file_of_the_platform(tenant: TenantContext) -> None:
    path = Path(settings.MEDIA_ROOT) / "platform" / f"{tenant.id.hex}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"kept")


def a_value_in_the_cache(tenant: TenantContext) -> None:
    with platform_scope(reason="test"):
        cache.set("newest", {"host": tenant.primary_host})


def a_task_that_waits(tenant: TenantContext) -> None:
    key = f"{settings.REDIS_PREFIX}-tasks:celery"
    Redis.from_url(settings.CELERY_BROKER_URL).rpush(key, json.dumps({"to": f"ann@{tenant.slug}.example"}))


def a_session(tenant: TenantContext) -> None:
    with platform_scope(reason="test"):
        session = SessionStore()
        session["seen"] = [tenant.primary_host]
        session.save()


def a_line_in_the_log(tenant: TenantContext) -> None:
    path = Path(settings.LOGGING["handlers"]["file"]["filename"])
    path.write_text(f'{{"event": "sent", "to": "ann@{tenant.slug}.example"}}\n', encoding="utf-8")


PLACES: dict[Callable[[TenantContext], None], str] = {
    its_id_in_a_column_of_text: "table audit_auditentry",
    a_customer_in_json: "table outbox_message",
    its_name_in_a_table_that_nobody_heard_of: "table forgotten",
    a_schema: "schemas",
    a_role: "roles",
    a_file_of_the_platform: "files of the platform",
    a_value_in_the_cache: "Redis",
    a_task_that_waits: "Redis",
    a_session: "sessions of the platform",
    a_line_in_the_log: "log stoa.log",
}


@pytest.fixture(autouse=True)
def _own_places(settings, tmp_path) -> None:
    """A log of the test's own, and a part of Redis that no other test's leavings are in."""
    handlers = settings.LOGGING["handlers"] | {
        "file": {"class": "logging.FileHandler", "filename": str(tmp_path / "stoa.log"), "delay": True}
    }
    settings.LOGGING = settings.LOGGING | {"handlers": handlers}
    settings.REDIS_PREFIX = f"{settings.REDIS_PREFIX}-{tmp_path.name}"
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": settings.REDIS_PREFIX}}
    yield
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS public.forgotten")
    with platform_scope(reason="test"):
        Session.objects.all().delete()


@pytest.mark.parametrize("leave", PLACES, ids=lambda leave: leave.__name__)
def test_what_is_left_in_a_place_is_found_there(leave, closed, monkeypatch):
    run = order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name=closed.slug)
    look = steps.look_everywhere

    def look_after_leaving(*args, **kwargs):
        leave(closed)
        return look(*args, **kwargs)

    monkeypatch.setattr(steps, "look_everywhere", look_after_leaving)

    state = advance(run.pk)

    stopped = again(run)
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(f'DROP ROLE IF EXISTS "{closed.role}"')
    assert state == RunState.FAILED
    assert stopped.error == f"Something of it is left in: {PLACES[leave]}."


def test_a_file_below_its_prefix_that_comes_late_goes_with_the_proof(closed, monkeypatch):
    run = order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name=closed.slug)
    forget = steps.ForgetCache.prepare

    def write_late(self, work):
        storage_by_prefix().save(f"{closed.storage_prefix}/late.txt", ContentFile(b"late"))
        forget(self, work)

    monkeypatch.setattr(steps.ForgetCache, "prepare", write_late)

    assert advance(run.pk) == RunState.DONE, again(run).error
    assert not storage_by_prefix().exists(f"{closed.storage_prefix}/late.txt")


def test_what_another_organization_knows_of_the_same_people_is_no_trace(closed, alpha_claims):
    run = order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name=closed.slug)

    assert advance(run.pk) == RunState.DONE, again(run).error
    with platform_scope(reason="test"):
        assert CustomDomain.objects.filter(pk=alpha_claims.pk, findings={"said": [f"ann@{closed.slug}.example"]}).exists()


@pytest.fixture
def alpha_claims(closed):
    """A row of another organization that names the same person."""
    from tests.factories.tenants import ALPHA_ID

    now = clock.now()
    with platform_scope(reason="test"):
        claim = CustomDomain.objects.create(
            tenant_id=ALPHA_ID,
            host="book.twin.com",
            look="twin.com",
            findings={"said": [f"ann@{closed.slug}.example"]},
            claim_expires_at=now,
            next_check_at=now,
        )
        yield claim
        claim.delete()
