"""Closing, opening again and erasing by operators: who may, what has to be typed, what is written down."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from kernel import clock
from kernel.ids import format_public_id
from provisioning.models import Run
from provisioning.types import RunKind
from shared_apps.audit.models import AuditEntry
from shared_apps.operators import permissions
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.console.happenings import tenant_url, text_of, url_of
from tests.factories.tenants import ALPHA_ID, BETA_ID

NAMED = {"confirmed_name": "alpha", "reason": "asked by mail"}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch) -> None:
    monkeypatch.setattr("provisioning.erasing.services.ring", lambda _run_pk: None)


def status_of(tenant_id=ALPHA_ID) -> str:
    with platform_scope(reason="test"):
        return Tenant.objects.values_list("status", flat=True).get(pk=tenant_id)


def actions() -> list[str]:
    with platform_scope(reason="test"):
        wanted = AuditEntry.objects.filter(tenant_id=ALPHA_ID, action__startswith="tenant.").order_by("pk")
        return list(wanted.values_list("action", flat=True))


def url(act: str) -> str:
    return f"{tenant_url(ALPHA_ID)}{act}/"


def erasing_runs() -> int:
    with platform_scope(reason="test"):
        return Run.objects.filter(kind=RunKind.ERASE_ORGANIZATION).count()


def _erasing_run() -> Run:
    with platform_scope(reason="test"):
        return Run.objects.get(kind=RunKind.ERASE_ORGANIZATION)


def test_an_administrator_closes_opens_again_closes_and_erases(admin):
    assert admin.get(url("close")).status_code == 200
    led = {}
    for act, status in (("close", "closing"), ("reopen", "active"), ("close", "closing"), ("erase", "closing")):
        answer = admin.post(url(act), NAMED)
        assert answer.status_code == 303
        assert status_of() == status
        led[act] = answer["Location"]

    assert actions() == ["tenant.closed", "tenant.reopened", "tenant.closed", "tenant.erasure_ordered"]
    assert erasing_runs() == 1
    # The organization's page is about to be gone: the run's is the one that ends with the proof.
    assert (led["close"], led["erase"]) == (tenant_url(ALPHA_ID), url_of(_erasing_run()))
    assert status_of(BETA_ID) == "active"


def test_the_page_of_a_closed_one_says_when_it_is_erased_and_offers_the_ways(admin):
    admin.post(url("close"), NAMED)

    page = admin.get(tenant_url(ALPHA_ID)).content.decode()

    assert url("reopen") in page
    assert url("erase") in page
    assert url("close") not in page


@pytest.mark.parametrize("act", ["close", "reopen", "erase"])
@pytest.mark.parametrize("who", ["support", "auditor", "owner"])
def test_nobody_else_may(request, act, who, alpha):
    assert request.getfixturevalue(who).post(url(act), NAMED).status_code == 403
    assert (status_of(), actions(), erasing_runs()) == ("active", [], 0)


@pytest.mark.parametrize("act", ["close", "erase"])
def test_an_old_password_is_asked_for_again(admin, act, monkeypatch):
    monkeypatch.setattr(permissions, "RECENT", timedelta(seconds=-1))

    answer = admin.post(url(act), NAMED)

    assert "/accounts/reauthenticate/" in answer["Location"]
    assert (status_of(), erasing_runs()) == ("active", 0)


@pytest.mark.parametrize("act", ["close", "erase"])
def test_another_name_does_nothing(admin, act):
    assert admin.post(url(act), NAMED | {"confirmed_name": "beta"}).status_code in {409, 422}
    assert (status_of(), erasing_runs()) == ("active", 0)


def test_what_is_open_is_not_erased(admin):
    assert admin.post(url("erase"), NAMED).status_code == 409
    assert (status_of(), erasing_runs()) == ("active", 0)


def test_who_has_a_sandbox_is_not_asked_for_a_name_but_told_what_goes_first(admin, alpha, beta):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(sandbox_of_id=ALPHA_ID)

    asked, pressed = admin.get(url("close")), admin.post(url("close"), NAMED)

    assert (asked.status_code, pressed.status_code) == (200, 409)
    page = asked.content.decode()
    assert "It has a sandbox, “beta”. Remove that first." in page
    assert f'href="{tenant_url(BETA_ID)}"' in page
    assert "confirmed_name" not in page
    assert status_of() == "active"


def test_the_page_of_a_run_that_was_scrubbed_is_headed_by_what_it_did(admin):
    with platform_scope(reason="test"):
        run = Run.objects.create(kind=RunKind.ERASE_ORGANIZATION, request={"slug": "", "name": ""}, requested_by="x")
    text = format_public_id("run", run.public_id)

    page = admin.get(f"/console/runs/{text}/").content.decode()

    assert "<h1>Erase an organization</h1>" in page
    assert re.search(r"<title>\s*Erase an organization", page)
    assert f"<p>{text}</p>" in page


def test_the_grace_period_is_a_setting(admin, settings):
    settings.CLOSING_GRACE_DAYS = 3

    admin.post(url("close"), NAMED)

    with platform_scope(reason="test"):
        row = Tenant.objects.get(pk=ALPHA_ID)
    assert row.erases_at - row.closing_since_at == timedelta(days=3)
    assert row.closing_since_at <= clock.now()


def test_while_it_is_closed_or_being_erased_its_page_offers_only_what_can_be_done(admin):
    copying = "Copy to a sandbox"
    served = text_of(admin.get(tenant_url(ALPHA_ID)))
    admin.post(url("close"), NAMED)
    closed = text_of(admin.get(tenant_url(ALPHA_ID)))
    admin.post(url("erase"), NAMED)

    erasing = text_of(admin.get(tenant_url(ALPHA_ID)))

    assert copying in served
    assert copying not in closed
    assert ("Open again" in closed, "Erase now" in closed) == (True, True)
    assert ("Open again" in erasing, "Erase now" in erasing, "It is being erased." in erasing) == (False, False, True)
