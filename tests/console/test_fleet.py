"""The board of the fleet: versions, waves, failures, and what an operator may do about them."""

import pytest
from django.utils import timezone

from kernel.ids import format_public_id
from provisioning.fleet import services
from provisioning.models import FleetMove, FleetPlan, FleetRun, Quarantine
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope
from tests.console.happenings import tenant_url, text_of, trail
from tests.factories.tenants import ALPHA_ID, BETA_ID

URL = "/console/fleet/"
ALPHA_URL = f"{URL}{format_public_id('org', ALPHA_ID)}/"


@pytest.fixture(autouse=True)
def no_doorbell(monkeypatch):
    """Nobody carries a run on."""
    monkeypatch.setattr(services, "ring_fleet", lambda _run_pk: None)


@pytest.fixture
def in_scope(db):
    with platform_scope(reason="test"):
        yield


def _run(state: str = "running", *, target: str = "", **moves: str) -> FleetRun:
    """A run with alpha, and beta where it is named, in a state each."""
    with platform_scope(reason="test"):
        run = FleetRun.objects.create(
            target=target or code_schema_version(), state=state, failure_limit=3, requested_by="ann@stoa.example"
        )
        stage = {"road": "executor", "reasons": ["catalog.0009_x runs Python"]}
        plan = FleetPlan.objects.create(run=run, source="older", stages=[stage])
        for slug, state_of_move in moves.items():
            _move(run, plan, {"alpha": ALPHA_ID, "beta": BETA_ID}[slug], state_of_move)
    return run


def _move(run: FleetRun, plan: FleetPlan, tenant_id, state: str) -> None:
    FleetMove.objects.create(run=run, plan=plan, tenant_id=tenant_id, state=state, wave=0 if tenant_id == ALPHA_ID else 1)
    if state == "failed":
        reason = "UniqueViolation: Key (icon)=(same) is duplicated."
        Quarantine.objects.create(
            tenant_id=tenant_id, was_active=True, reason=reason, sql="ALTER TABLE catalog_category ADD …", created_by="fleet"
        )
        Tenant.objects.filter(pk=tenant_id).update(status="maintenance")


def _url(run: FleetRun, act: str) -> str:
    return f"{URL}runs/{format_public_id('flt', run.public_id)}/{act}/"


def _state(run: FleetRun) -> str:
    with platform_scope(reason="test"):
        return FleetRun.objects.get(pk=run.pk).state


def test_a_fleet_that_never_moved_says_how_it_would(admin, alpha):
    page = text_of(admin.get(URL))

    assert "manage.py fleet migrate" in page
    assert "Nobody is in quarantine" in page
    assert code_schema_version() in page
    assert "delay:10s" in page


def test_the_page_of_an_organization_says_why_it_is_in_quarantine(admin, alpha, beta):
    _run("stopped", alpha="failed")

    page, other = text_of(admin.get(tenant_url(ALPHA_ID))), text_of(admin.get(tenant_url(BETA_ID)))

    assert "It is in quarantine, and shows its maintenance page: UniqueViolation" in page
    assert "quarantine" not in other


def test_the_overview_says_that_somebody_is_in_quarantine(admin, alpha):
    assert "quarantine" not in text_of(admin.get("/console/"))
    _run("stopped", alpha="failed")

    page = text_of(admin.get("/console/"))

    assert "1 organization is in quarantine" in page
    assert "Something waits for you." in page
    assert f'href="{URL}"' in page


def test_a_run_that_goes_on_shows_its_waves_and_is_asked_for_again(admin, alpha):
    run = _run(alpha="done", beta="running")

    page = text_of(admin.get(URL))
    part = text_of(admin.get(URL, headers={"HX-Request": "true"}))

    assert f'hx-get="{URL}"' in page
    assert "delay:500ms" in page
    assert "Canaries" in page
    assert "1 / 2" in page
    assert "catalog.0009_x runs Python" in page
    assert _url(run, "pause") in page
    assert _url(run, "resume") not in page
    assert "<html" not in part
    assert 'id="fleet"' in part


def test_a_failure_is_shown_with_its_statement_and_error(admin, alpha):
    _run("done", alpha="failed", beta="done")

    page = text_of(admin.get(URL))

    assert "Key (icon)=(same) is duplicated." in page
    assert "ALTER TABLE catalog_category ADD" in page
    assert f"{ALPHA_URL}retry/" in page
    assert "delay:10s" in page


def test_the_board_costs_the_same_for_many(admin, alpha, django_assert_num_queries):
    run = _run(alpha="failed")
    admin.get(URL)
    with django_assert_num_queries(12):
        admin.get(URL)
    with platform_scope(reason="test"):
        _move(run, run.plans.get(), BETA_ID, "failed")

    with django_assert_num_queries(12):
        admin.get(URL)


def test_pausing_and_resuming(support, alpha):
    run = _run(alpha="pending")

    assert support.post(_url(run, "pause")).status_code == 303
    assert _state(run) == "paused"
    assert _url(run, "resume") in text_of(support.get(URL))
    assert support.post(_url(run, "resume")).status_code == 303

    assert _state(run) == "running"
    assert [entry[0] for entry in trail()] == ["fleet.paused", "fleet.resumed"]


def test_a_run_of_other_code_cannot_be_resumed_here(support, alpha):
    run = _run("paused", target="newer", alpha="pending")

    page = text_of(support.get(URL))
    support.post(_url(run, "resume"))

    assert "only its code carries it on" in page
    assert _url(run, "resume") not in page
    assert _state(run) == "paused"


def test_trying_again_wakes_the_finished_run(support, alpha):
    run = _run("done", alpha="failed")

    support.post(f"{ALPHA_URL}retry/")

    assert _state(run) == "running"
    with platform_scope(reason="test"):
        assert FleetMove.objects.get(tenant_id=ALPHA_ID).state == "pending"
        assert Quarantine.objects.filter(tenant_id=ALPHA_ID).exists()


def test_releasing_brings_the_pages_back(support, alpha):
    _run("done", alpha="failed")

    support.post(f"{ALPHA_URL}release/")

    with platform_scope(reason="test"):
        assert Tenant.objects.get(pk=ALPHA_ID).status == "active"
        assert not Quarantine.objects.exists()
    assert [entry[0] for entry in trail()] == ["fleet.released"]


@pytest.mark.parametrize("act", ["pause", "resume"])
def test_an_auditor_looks_only(auditor, alpha, act):
    run = _run("running" if act == "pause" else "paused", alpha="failed")

    page = text_of(auditor.get(URL))
    response = auditor.post(_url(run, act))

    assert response.status_code == 403
    assert _url(run, act) not in page
    assert "retry/" not in page
    assert auditor.post(f"{ALPHA_URL}retry/").status_code == auditor.post(f"{ALPHA_URL}release/").status_code == 403


def test_what_cannot_be_done_now_is_said(admin, alpha):
    run = _run("done", alpha="done")

    response = admin.post(_url(run, "pause"))
    retried = admin.post(f"{ALPHA_URL}retry/")

    assert (response.status_code, retried.status_code) == (303, 303)
    assert _state(run) == "done"
    assert trail() == []


@pytest.mark.parametrize("path", ["runs/nothing/pause/", "org_x/retry/"])
def test_what_is_not_there_is_not_found(admin, path):
    assert admin.post(URL + path).status_code == 404


def test_a_run_is_dated_by_its_moves(admin, alpha):
    run = _run(alpha="done", beta="pending")
    now = timezone.now()
    with platform_scope(reason="test"):
        FleetMove.objects.filter(run=run, state="done").update(started_at=now - timezone.timedelta(seconds=2), finished_at=now)

    response = admin.get(URL)

    assert (response.context["run"].rate, response.context["run"].seconds_left) == (0.5, 2.0)
    assert "2 sec" in text_of(response)
