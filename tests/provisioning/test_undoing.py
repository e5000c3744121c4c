"""Undoing gives everything back, also of a run at which nobody has been yet."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from kernel.ids import format_public_id
from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.services import RUN_PREFIX, undo_run
from provisioning.types import RunState
from shared_apps.operators.models import Operator
from shared_apps.operators.services import create_operator_key
from shared_apps.operators.types import OperatorRole
from shared_apps.plans.services import load_default_plans
from tenants.models import ReservedName
from tenants.registry import check_slug
from tenants.scope import platform_scope
from tests.api.calls import Caller
from tests.factories.people import make_user
from tests.provisioning.organizations import SYSTEM, requested
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
        return create_operator_key(actor=SYSTEM, email=operator.user.email, name="Robot", scopes=("tenants:write", "runs:write")).text


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
