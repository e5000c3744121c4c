"""Each job of the one table (config.schedule), run as the sweeper runs it on two real marketplaces."""

from collections.abc import Generator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import OperationalError
from django.utils.module_loading import import_string

from config.celery import app
from config.schedule import JOBS
from kernel import clock
from kernel.idempotency.models import IdempotencyRecord
from provisioning import pool
from provisioning.periodic import Sweeper
from shared_apps.entry.models import EntryCode, Ownership
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.people import make_user
from tests.factories.tenants import ALPHA_ID, BETA_ID

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture(autouse=True)
def _jobs_run_here(own_database, monkeypatch) -> Generator[None]:
    """What is sent runs at once, in this process, and raises what it raises. The pool is another test's."""
    with platform_scope(reason="test"):
        # What is due by their own clocks since then is due for them.
        Tenant.objects.update(created_at=clock.now() - timedelta(days=3))
    monkeypatch.setattr(pool, "fill", lambda **_: 0)
    monkeypatch.setattr(pool, "drop_stale", lambda: 0)
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def scopes(own_database):
    """The ways into each scope that has sessions and idempotency keys."""
    alpha, beta = context_for(ALPHA_ID), context_for(BETA_ID)
    return [lambda: platform_scope(reason="test"), lambda: tenant_scope(alpha), lambda: tenant_scope(beta)]


def test_every_job_in_the_table_runs_without_an_error():
    assert Sweeper(JOBS).sweep() == list(JOBS)


def test_no_job_stands_twice_in_the_table_for_the_same_scope():
    assert len({(job.task, job.in_each_tenant) for job in JOBS}) == len(JOBS)


def test_a_worker_knows_every_job_by_the_name_that_beat_sends():
    app.loader.import_default_modules()

    assert {import_string(job.task).name for job in JOBS} <= set(app.tasks)


def test_sessions_that_ran_out_go_on_the_platform_and_in_each_marketplace(scopes):
    for scope in scopes:
        with scope():
            Session.objects.create(session_key="old", session_data="", expire_date=clock.now() - timedelta(minutes=1))
            Session.objects.create(session_key="live", session_data="", expire_date=clock.now() + timedelta(minutes=1))

    Sweeper(JOBS).sweep()

    for scope in scopes:
        with scope():
            assert list(Session.objects.values_list("session_key", flat=True)) == ["live"]


def test_old_idempotency_keys_go_on_the_platform_and_in_each_marketplace_and_those_of_yesterday_stay(scopes):
    now = clock.now()
    for scope in scopes:
        with scope():
            for key, age in (("old", timedelta(days=3)), ("yesterday", timedelta(hours=30))):
                IdempotencyRecord.objects.create(principal="p", key=key, created_at=now - age, locked_until=now - age)

    Sweeper(JOBS).sweep()

    for scope in scopes:
        with scope():
            assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["yesterday"]


def test_entry_codes_that_open_nothing_any_more_go():
    now = clock.now()
    with platform_scope(reason="test"):
        way_in = Ownership.objects.create(user=make_user("owner@twin.example"), tenant_id=ALPHA_ID, member_id=uuid4())
        for name, expires_at in (("old", now - timedelta(hours=1)), ("live", now + timedelta(minutes=1))):
            EntryCode.objects.create(code_hash=name, browser_challenge=name, ownership=way_in, host="x", expires_at=expires_at)

    Sweeper(JOBS).sweep()

    with platform_scope(reason="test"):
        assert list(EntryCode.objects.values_list("code_hash", flat=True)) == ["live"]


def test_the_sweepers_heart_beats_only_while_the_database_answers(tmp_path, monkeypatch):
    heartbeat = tmp_path / "sweeper"

    def away(_self):
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(Sweeper, "sweep", away)
        call_command("sweeper", "--once", heartbeat=heartbeat)
        beat_without_database = heartbeat.exists()
    call_command("sweeper", "--once", heartbeat=heartbeat)

    assert not beat_without_database
    assert heartbeat.exists()
