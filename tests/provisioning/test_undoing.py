"""Undoing gives everything back, also of a run at which nobody has been yet."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client

from kernel import clock
from kernel.ids import format_public_id
from kernel.outbox.models import OutboxMessage
from provisioning.files import delete_files_of, delete_latecomers
from provisioning.models import Run, Step
from provisioning.saga.engine import advance
from provisioning.services import RUN_PREFIX, undo_run
from provisioning.types import RunState, StepState
from shared_apps.operators.models import Operator
from shared_apps.operators.services import create_operator_key
from shared_apps.operators.types import OperatorRole
from shared_apps.plans.services import load_default_plans
from tenants.hosts import context_for, host_cache
from tenants.models import ReservedName, Tenant
from tenants.registry import check_slug
from tenants.schemas import schema_exists, schema_for
from tenants.scope import platform_scope, schema_scope, tenant_scope
from tenants.storage import TenantFileSystemStorage
from tests.api.calls import Caller
from tests.factories.people import make_user
from tests.factories.tenants import ALPHA_ID
from tests.kernel.outbox_messages import claim
from tests.provisioning.organizations import SYSTEM, again, inventory, requested
from tests.site.asking import answers, runs

pytestmark = pytest.mark.usefixtures("committed")
PLATFORM = {"host": "localhost"}


@pytest.fixture(autouse=True)
def plans_and_quiet(committed, monkeypatch, tmp_path):
    with platform_scope(reason="test"):
        load_default_plans()
    monkeypatch.setattr("celery.app.task.Task.delay", lambda _task, *_arguments: None)
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path))


@pytest.fixture
def key(committed) -> str:
    with platform_scope(reason="test"):
        operator = Operator.objects.create(user=make_user("olive@stoa.example"), role=OperatorRole.ADMIN)
        return create_operator_key(
            actor=SYSTEM, email=operator.user.email, name="Robot", scopes=("tenants:write", "runs:write")
        ).text


def _undo(run: Run) -> RunState:
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name=run.request["slug"])
    return advance(run.pk)


def test_a_sign_up_that_is_undone_before_it_began_gives_its_name_back():
    Client(headers=PLATFORM).post("/start/", answers())
    (run,) = runs()

    assert _undo(run) == RunState.UNDONE

    with platform_scope(reason="test"):
        assert not ReservedName.objects.exists()
    assert check_slug("lindenhof") == "lindenhof"


def test_an_order_by_the_api_that_is_undone_before_it_began_gives_its_name_back(key):
    call = Caller(Client(headers=PLATFORM))
    order = {"slug": "acme", "name": "Acme", "owner_email": "ann@acme.example", "blueprint": "tutoring", "plan": "studio"}
    assert call.post("tenants", order, key=key).status_code == 202
    (run,) = runs()

    undone = call.post(f"runs/{format_public_id(RUN_PREFIX, run.public_id)}/undo", {"confirmed_name": "acme"}, key=key)

    assert undone.status_code == 202
    assert advance(run.pk) == RunState.UNDONE
    assert call.post("tenants", order, key=key).status_code == 202


def test_undoing_what_never_began_leaves_another_runs_name_alone():
    with_name, without = requested("acme", key="first"), requested("acme", key="second")
    advance(with_name.pk)

    assert _undo(without) == RunState.UNDONE

    with platform_scope(reason="test"):
        assert ReservedName.objects.get().holder == with_name.public_id


# --- while others are still at work


@pytest.fixture
def market() -> Run:
    run = requested("zebra")
    assert advance(run.pk) == RunState.DONE, again(run).error
    return again(run)


def _decide_undo(run: Run) -> None:
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name=run.request["slug"])


def _later() -> None:
    with platform_scope(reason="test"):
        Step.objects.exclude(leased_until=None).update(leased_until="2020-01-01T00:00:00Z")


def test_closing_waits_until_every_process_has_followed(market, settings):
    settings.HOST_CACHE_FOLLOWED_SECONDS = 3600
    tenant = context_for(market.tenant_id)
    _decide_undo(market)

    for _ in range(7):
        assert advance(market.pk) == RunState.UNDOING
        _later()

    assert schema_exists(tenant.schema)
    assert Client(headers={"host": tenant.primary_host}).get("/").status_code == 410
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=tenant.id).update(updated_at=clock.now() - timedelta(hours=1))
    assert advance(market.pk) == RunState.UNDONE
    assert not schema_exists(tenant.schema)


def test_waiting_is_no_attempt(market, settings):
    settings.HOST_CACHE_FOLLOWED_SECONDS = 3600
    _decide_undo(market)

    for _ in range(7):
        advance(market.pk)
        _later()

    with platform_scope(reason="test"):
        step = Step.objects.get(run=market, name="announce")
    assert (step.attempt, step.state) == (0, StepState.DONE)
    assert "waiting" in step.error


def test_a_handler_that_is_at_work_is_waited_for_and_what_it_writes_goes_too(market):
    tenant = context_for(market.tenant_id)
    with platform_scope(reason="test"):
        messages = OutboxMessage.objects.filter(tenant_id=tenant.id)
        (busy,) = claim(limit=1, owner="a worker")
        assert busy.tenant_id == tenant.id
    _decide_undo(market)

    assert advance(market.pk) == RunState.UNDOING

    with tenant_scope(tenant):
        default_storage.save("theme/late.css", ContentFile(b"x"))
    with platform_scope(reason="test"):
        assert list(messages.values_list("pk", flat=True)) == [busy.pk]
        messages.update(state="done", leased_until=None)
    _later()
    assert advance(market.pk) == RunState.UNDONE
    assert inventory()["files"] == []


def test_many_files_go_in_parts_under_a_lease_each(market, monkeypatch):
    monkeypatch.setitem(delete_files_of.__kwdefaults__, "at_most", 3)
    with tenant_scope(context_for(market.tenant_id)):
        for number in range(8):
            default_storage.save(f"images/{number % 2}/{number}.webp", ContentFile(b"x"))
    _decide_undo(market)

    assert advance(market.pk) == RunState.UNDONE

    assert inventory()["files"] == []
    with platform_scope(reason="test"):
        step = Step.objects.get(run=market, name="schema")
    # One going forward; the first two parts leave some, the third finds the rest.
    assert (step.attempt, step.lease_token) == (1, 1 + 3)


def test_files_are_deleted_outside_of_any_transaction(market, monkeypatch):
    inside = []
    real = TenantFileSystemStorage.delete
    with tenant_scope(context_for(market.tenant_id)):
        default_storage.save("images/a.webp", ContentFile(b"x"))

    def watched(storage, name):
        inside.append(connection.in_atomic_block)
        real(storage, name)

    monkeypatch.setattr(TenantFileSystemStorage, "delete", watched)

    _decide_undo(market)
    advance(market.pk)

    assert set(inside) == {False}


def test_what_is_written_after_the_end_is_swept_and_nobody_elses(market):
    tenant, alpha = context_for(market.tenant_id), context_for(ALPHA_ID)
    _decide_undo(market)
    advance(market.pk)
    for owner in (tenant, alpha):
        with tenant_scope(owner):
            default_storage.save("theme/late.css", ContentFile(b"x"))

    assert delete_latecomers() == 1

    assert [Path(path).parts[-3] for path in inventory()["files"]] == [alpha.storage_prefix]
    assert delete_latecomers() == 0


def test_a_request_that_is_overtaken_by_the_end_is_told_that_it_is_closed(market):
    tenant = context_for(market.tenant_id)
    client = Client(headers={"host": tenant.primary_host})
    assert client.get("/").status_code == 200
    _decide_undo(market)
    advance(market.pk)

    # This process has not followed: it still believes that the marketplace is open.
    host_cache.get(tenant.primary_host)
    host_cache._entries[tenant.primary_host].context = tenant

    assert client.get("/").status_code == 410
    assert client.get("/").status_code == 404


def test_a_request_that_fails_in_an_open_marketplace_is_still_an_error(market):
    client = Client(headers={"host": "zebra.localhost"}, raise_request_exception=False)
    with schema_scope(schema_for(market.tenant_id), reason="test"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_category RENAME TO somewhere_else")

    assert client.get("/").status_code == 500
