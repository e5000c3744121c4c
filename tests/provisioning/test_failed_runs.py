"""A run that stopped is told to the operators, and holds nothing for ever."""

from datetime import timedelta

import pytest
from django.core import mail

from kernel import clock
from kernel.errors import Conflict, Unavailable
from provisioning.events import RunFailed
from provisioning.handlers import tell_operators
from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.services import retry_run, undo_abandoned_runs
from provisioning.steps.owner import CreateOwner
from provisioning.types import RunState
from shared_apps.operators.models import Operator
from shared_apps.operators.types import OperatorRole
from shared_apps.plans.services import load_default_plans
from tenants.models import ReservedName
from tenants.scope import platform_scope
from tests.factories.events import published
from tests.factories.people import make_user
from tests.provisioning.organizations import SYSTEM, again, requested, tenant_ids

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def quiet(committed, monkeypatch, settings, tmp_path):
    with platform_scope(reason="test"):
        load_default_plans()
    monkeypatch.setattr("celery.app.task.Task.delay", lambda _task, *_arguments: None)
    settings.MEDIA_ROOT = str(tmp_path)


def _failed(monkeypatch, error: Exception) -> Run:
    run = requested()
    with monkeypatch.context() as broken:
        broken.setattr(CreateOwner, "do", lambda _self, _work: (_ for _ in ()).throw(error))
        advance(run.pk)
    return again(run)


def test_the_operators_are_written_to_with_the_way_to_the_run(monkeypatch):
    with platform_scope(reason="test"):
        Operator.objects.create(user=make_user("olive@stoa.example"), role=OperatorRole.ADMIN)
    run = _failed(monkeypatch, Conflict("no owner today"))

    (event,) = set(published(RunFailed))
    with platform_scope(reason="test"):
        tell_operators(event)

    (letter,) = mail.outbox
    assert event.run_id == run.public_id
    assert letter.to == ["olive@stoa.example"]
    assert "no owner today" in letter.body
    assert "/console/runs/run_" in letter.body


def test_of_a_run_that_goes_on_again_nobody_is_told(monkeypatch):
    run = _failed(monkeypatch, Conflict("no owner today"))
    retry_run(actor=SYSTEM, run_id=run.public_id)

    with platform_scope(reason="test"):
        tell_operators(published(RunFailed)[0])

    assert mail.outbox == []


def test_what_is_only_unavailable_is_tried_again(monkeypatch):
    run = _failed(monkeypatch, Unavailable("Somebody else holds the lock."))

    assert run.state == RunState.RUNNING
    assert published(RunFailed) == []


def test_what_failed_a_day_ago_is_taken_back_and_its_name_is_free(monkeypatch):
    run = _failed(monkeypatch, Conflict("no owner today"))

    assert undo_abandoned_runs() == 0
    assert undo_abandoned_runs(now=clock.now() + timedelta(days=1, minutes=1)) == 1

    assert advance(run.pk) == RunState.UNDONE
    assert undo_abandoned_runs(now=clock.now() + timedelta(days=2)) == 0
    assert tenant_ids() == []
    with platform_scope(reason="test"):
        assert not ReservedName.objects.exists()
