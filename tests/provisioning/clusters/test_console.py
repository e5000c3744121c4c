"""The console's button by which an organization moves to another cluster: who sees it, what it asks, what is told meanwhile."""

from __future__ import annotations

import pytest

from kernel.ids import format_public_id
from provisioning.models import Run
from provisioning.saga.engine import advance_to_end
from provisioning.types import RunKind, RunState
from shared_apps.audit.models import AuditEntry
from shared_apps.operators.types import OperatorRole
from tenants.clusters import DEFAULT
from tenants.residence import pause_writes
from tenants.scope import platform_scope
from tests.console.conftest import browser_of
from tests.console.happenings import tenant_url, text_of
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.clusters.places import EAST, now_of
from tests.provisioning.organizations import SYSTEM

pytestmark = [pytest.mark.usefixtures("two_clusters"), pytest.mark.xdist_group("clusters")]
PAGE, THERE = tenant_url(ALPHA_ID), tenant_url(ALPHA_ID, f"move/{EAST}/")


def _moves() -> list[Run]:
    with platform_scope(reason="test"):
        return list(Run.objects.filter(kind=RunKind.MOVE_ORGANIZATION))


def test_an_administrator_moves_one_by_typing_its_name_and_is_told_how_far_it_is(furnished):
    admin = browser_of(OperatorRole.ADMIN)
    before = text_of(admin.get(PAGE))

    wrong = admin.post(THERE, {"confirmed_name": "beta"})
    asked = _moves()
    response = admin.post(THERE, {"confirmed_name": "alpha", "reason": "Larger disks there"})

    assert THERE in before
    assert (wrong.status_code, asked) == (422, [])
    (run,) = _moves()
    assert response["Location"] == PAGE
    with platform_scope(reason="test"):
        entry = AuditEntry.objects.get(action="tenant.move_ordered", tenant_id=ALPHA_ID)
    assert (entry.reason, entry.actor_label, entry.data) == (
        "Larger disks there", "admin@stoa.example", {"from": DEFAULT, "to": EAST},
    )  # fmt: skip
    meanwhile = text_of(admin.get(PAGE))
    assert f"/console/runs/{format_public_id('run', run.public_id)}/" in meanwhile
    assert THERE not in meanwhile
    assert "and not changed" not in meanwhile
    assert advance_to_end(run.pk) == RunState.DONE
    assert (now_of(ALPHA_ID).database, now_of(BETA_ID).database) == (EAST, DEFAULT)
    assert tenant_url(ALPHA_ID, f"move/{DEFAULT}/") in text_of(admin.get(PAGE))


def test_while_it_can_only_be_read_its_page_says_so(two_clusters):
    pause_writes(actor=SYSTEM, tenant_id=ALPHA_ID)

    assert "it can be read, and not changed" in text_of(browser_of(OperatorRole.ADMIN).get(PAGE))


def test_one_that_is_being_moved_is_not_moved_once_more(two_clusters):
    admin = browser_of(OperatorRole.ADMIN)
    admin.post(THERE, {"confirmed_name": "alpha"})

    response = admin.post(THERE, {"confirmed_name": "alpha"})

    assert (response.status_code, len(_moves())) == (409, 1)
    assert "cannot be moved now" in text_of(response)


@pytest.mark.parametrize("role", [OperatorRole.SUPPORT, OperatorRole.AUDITOR])
def test_who_may_not_sees_no_button_and_cannot(two_clusters, role):
    client = browser_of(role)

    assert THERE not in text_of(client.get(PAGE))
    assert client.post(THERE, {"confirmed_name": "alpha"}).status_code == 403
    assert _moves() == []


@pytest.mark.parametrize("cluster", [DEFAULT, "west"])
def test_its_own_cluster_and_one_that_there_is_not_have_no_page(two_clusters, cluster):
    assert browser_of(OperatorRole.ADMIN).get(tenant_url(ALPHA_ID, f"move/{cluster}/")).status_code == 404
