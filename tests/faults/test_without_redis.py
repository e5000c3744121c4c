"""Redis stops while everything is in use: the site sells, limits fail closed at the doors, nothing waits for it again (F11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from celery import Task
from channels.layers import get_channel_layer
from django.db import transaction
from django.test import Client
from kombu.exceptions import OperationalError

from config.celery import app, ring_doorbell
from kernel.ids import new_id
from provisioning.doorbell import ring
from provisioning.models import Run
from provisioning.periodic import PeriodicJob, Sweeper
from provisioning.signup import request_organization
from provisioning.types import OrganizationRequest, RunState
from shared_apps.plans.services import load_default_plans
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import BookingStatus
from tenants.context import TenantContext
from tenants.hosts import _shared_generation, context_for, host_cache
from tenants.live import notify
from tenants.scope import platform_scope, tenant_scope
from tenants.tasks import broker
from tests.bookings.pages import DETAILS, TEN, hidden
from tests.bookings.rows import NOW, make_service
from tests.factories.people import make_user, sign_in
from tests.factories.tenants import ALPHA_ID
from tests.site.asking import answers, runs

pytestmark = pytest.mark.proves("faults.redis")


@pytest.fixture
def alpha(own_database) -> TenantContext:
    context = context_for(ALPHA_ID)
    assert context is not None
    with platform_scope(reason="test"):
        load_default_plans()
    return context


@pytest.fixture
def visitor(alpha) -> Client:
    return Client(headers={"host": alpha.primary_host})


@pytest.fixture
def founder(alpha) -> Client:
    return Client(headers={"host": "localhost"})


@pytest.fixture
def tries(monkeypatch) -> list[str]:
    """The names of the tasks that anybody tried to give to the broker."""
    tried: list[str] = []
    whole = Task.apply_async

    def note(task, *args, **options):
        tried.append(task.name)
        return whole(task, *args, **options)

    monkeypatch.setattr(Task, "apply_async", note)
    return tried


def test_with_redis_a_ring_is_heard(alpha, redis):
    """The fixture's Redis is the one that is rung at."""
    with platform_scope(reason="test"):
        ring_doorbell([new_id()])

    with app.connection_for_read() as connection:
        assert connection.default_channel.queue_declare(app.conf.task_default_queue).message_count == 1


def test_pages_are_shown(visitor, stopped):
    assert visitor.get("/").status_code == 200


def test_a_guest_books(visitor, alpha, redis):
    with time_machine.travel(NOW, tick=False):
        with tenant_scope(alpha):
            service = make_service()
        form = visitor.get(f"/services/{service.slug}/book/", {"slot": TEN}).content.decode()
        redis.stop()

        answer = visitor.post(f"/services/{service.slug}/book/", DETAILS | hidden(form))
        page = visitor.get(answer.url)

    with tenant_scope(alpha):
        assert Booking.objects.get().status == BookingStatus.CONFIRMED
    assert (answer.status_code, page.status_code) == (303, 200)


def test_nobody_signs_in_and_the_page_says_why_in_a_sentence(visitor, alpha, stopped):
    with tenant_scope(alpha):
        make_user()

    answer = sign_in(visitor)

    assert answer.status_code == 503
    assert "Signing in is not possible right now" in answer.content.decode()


def test_a_sign_up_is_taken_though_nobody_can_be_counted(founder, stopped):
    answer = founder.post("/start/", answers())

    (run,) = runs()
    assert answer.status_code == 303
    assert run.request["slug"] == "lindenhof"


def test_a_sign_up_that_was_taken_is_finished_by_the_sweeper(alpha, stopped, tmp_path, settings):
    settings.MEDIA_ROOT = str(tmp_path)
    request = OrganizationRequest(
        slug="acme", name="Acme", owner_email="ann@acme.example", blueprint="tutoring", plan_code="studio"
    )

    with platform_scope(reason="the page of sign-up"):
        run = request_organization(request=request, form_key="a-form-of-the-test")
    Sweeper([PeriodicJob("provisioning.tasks.sweep_runs", timedelta(0))]).sweep()

    with platform_scope(reason="test"):
        assert Run.objects.get(pk=run.pk).state == RunState.DONE
    assert Client(headers={"host": "acme.localhost"}).get("/").status_code == 200


def _ring_again_and_again() -> None:
    with platform_scope(reason="test"):
        for _ in range(5):
            with transaction.atomic():
                transaction.on_commit(lambda: ring_doorbell([new_id()]))
    ring(1)


def test_one_broken_ring_is_the_last_for_a_while(alpha, stopped, tries):
    _ring_again_and_again()

    assert tries == ["outbox.serve"]


@pytest.mark.control
def test_without_the_memory_of_a_broken_ring_everybody_rings_in_vain(alpha, stopped, tries, monkeypatch):
    """Negative control: each caller would find out anew, and wait for it."""
    monkeypatch.setattr(broker, "may_try", lambda: True)

    _ring_again_and_again()

    assert tries == ["outbox.serve"] * 5 + ["provisioning.advance_run"]


def test_redis_that_is_back_is_rung_at_again(alpha, stopped, redis, tries, monkeypatch):
    with platform_scope(reason="test"):
        ring_doorbell([new_id()])
    monkeypatch.setattr(broker, "_next_try", 0.0)

    with platform_scope(reason="test"):
        ring_doorbell([new_id()])
        ring_doorbell([new_id()])

    assert tries == ["outbox.serve"] * 2


def test_a_task_that_was_not_sent_says_so(alpha, stopped):
    from provisioning.tasks import advance_run

    with platform_scope(reason="test"), pytest.raises(OperationalError):
        advance_run.delay(1)


def test_the_host_cache_asks_once_in_a_while(alpha, stopped, monkeypatch):
    asked: list[None] = []
    monkeypatch.setattr("tenants.hosts._shared_generation", lambda: asked.append(None) or _shared_generation())

    for _ in range(5):
        host_cache._checked = float("-inf")
        assert host_cache.get("alpha.localhost") == alpha

    assert len(asked) == 1


def test_telling_open_pages_is_given_up_quietly(alpha, stopped, monkeypatch):
    tried: list[tuple[str, str]] = []

    class Watched:
        async def group_send(self, group, message):
            try:
                await get_channel_layer().group_send(group, message)
            except Exception as error:
                tried.append((group, type(error).__name__))
                raise

    monkeypatch.setattr("tenants.live.get_channel_layer", Watched)
    with tenant_scope(alpha):
        notify("booking", 1, {"changed": True})

    assert tried == [(f"t.{ALPHA_ID}.booking.1", "ConnectionError")]
