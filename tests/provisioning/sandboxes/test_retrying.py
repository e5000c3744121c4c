"""A run that made no sandbox is not set going again where it would harm one, or an organization that goes."""

from __future__ import annotations

import pytest

from provisioning.errors import RunNotReady
from provisioning.models import Run, Step
from provisioning.saga.step import Work
from provisioning.sandboxes import ordering
from provisioning.sandboxes.ordering import order_sandbox
from provisioning.services import create_run, retry_run
from provisioning.steps.cloning import RemoveOldSandbox
from provisioning.types import OrganizationRequest, RunKind, RunState
from shared_apps.plans.services import load_default_plans
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.organizations import SYSTEM, again

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(alpha, monkeypatch) -> Run:
    """The first try for a sandbox of alpha, which stopped while it was copied."""
    monkeypatch.setattr(ordering, "ring", lambda _run_pk: None)
    with platform_scope(reason="test"):
        load_default_plans()
        run = order_sandbox(actor=SYSTEM, tenant_id=ALPHA_ID)
        Run.objects.filter(pk=run.pk).update(state=RunState.FAILED)
        Step.objects.filter(run=run, name="copy").update(state="failed", attempt=1)
    return run


def test_what_failed_is_tried_again(failed):
    retry_run(actor=SYSTEM, run_id=failed.public_id)

    assert again(failed).state == RunState.RUNNING


def test_it_is_not_when_another_sandbox_was_asked_for_since(failed):
    """It would take that one's place, with all that was tried out in it, and nobody was asked."""
    later = order_sandbox(actor=SYSTEM, tenant_id=ALPHA_ID)

    with pytest.raises(RunNotReady, match="asked for since"):
        retry_run(actor=SYSTEM, run_id=failed.public_id)

    assert later.pk != failed.pk
    assert again(failed).state == RunState.FAILED


def test_nor_does_one_that_was_set_going_at_the_same_moment_take_its_place(failed):
    order_sandbox(actor=SYSTEM, tenant_id=ALPHA_ID)
    work = Work(failed.pk, failed.public_id, OrganizationRequest.from_json(failed.request), None)

    with platform_scope(reason="test"), pytest.raises(RunNotReady, match="asked for since"):
        RemoveOldSandbox().prepare(work)


def test_it_is_not_when_the_organization_is_about_to_be_erased(failed):
    request = OrganizationRequest.from_json(failed.request | {"source": ""})
    create_run(actor=SYSTEM, request=request, idempotency_key="erase", kind=RunKind.ERASE_ORGANIZATION, tenant_id=ALPHA_ID)

    with pytest.raises(RunNotReady, match="is erased, or about to be"):
        retry_run(actor=SYSTEM, run_id=failed.public_id)

    assert again(failed).state == RunState.FAILED
