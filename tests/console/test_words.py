"""The console speaks to people: no codes where there are words, and one way to write a date."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from kernel.ids import format_public_id
from provisioning.run_reading import kind_name
from shared_apps.audit.models import AuditEntry
from shared_apps.audit.types import ACTS, act_name
from shared_apps.console.types import message_name
from shared_apps.domains.types import ClaimState
from tenants.registry import update_tenant
from tenants.scope import platform_scope
from tenants.types import TENANT_PREFIX

ROOT = Path(__file__).resolve().parents[2]
WRITERS = {"record", "_note", "_act", "_turn", "_note_tenant", "_record_key"}
CODE = re.compile(r"[a-z_]+\.[a-z_]+")


def codes_in(source: str) -> set[str]:
    """The codes of acts that this code writes into the trail."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _name_of(node.func) in WRITERS]
    values = [value for call in calls for value in (*call.args, *(word.value for word in call.keywords))]
    texts = [value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    return {text for text in texts if CODE.fullmatch(text)}


def _name_of(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


def test_every_act_that_code_writes_down_has_a_name():
    files = [path for folder in ("shared_apps", "provisioning") for path in (ROOT / folder).rglob("*.py")]

    written = {code for path in files for code in codes_in(path.read_text())}

    assert {"tenant.erased", "run.created", "fleet.paused"} <= written
    assert written - set(ACTS) == set()
    assert {f"domain.{state}" for state in ClaimState} <= set(ACTS)


def test_an_act_without_a_name_would_be_found():
    assert codes_in('record(action="tenant.painted", target=slug)\nother("not.this")') == {"tenant.painted"}


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (act_name("tenant.suspended"), "Organization suspended"),
        (act_name("tenant.painted_over"), "Tenant painted over"),
        (message_name("bookings.booking_confirmed.v1"), "Booking confirmed"),
        (message_name("odd"), "Odd"),
        (kind_name("home_services"), "Home services"),
        (kind_name("gone"), "gone"),
    ],
)
def test_codes_become_words(shown, words):
    assert shown == words


def test_the_trail_shows_words_and_writes_the_day_before_the_month(auditor):
    with platform_scope(reason="test"):
        who = {"actor_label": "olga@stoa.example", "actor_kind": "operator", "target": "brightnest"}
        AuditEntry.objects.create(at=datetime(2026, 11, 21, 18, 5, tzinfo=UTC), action="tenant.suspended", **who)

    page = unescape(auditor.get("/console/audit/").content.decode())

    assert "Organization suspended" in page
    assert "tenant.suspended" not in page
    assert "Sat, 21 Nov 2026, 18:05 UTC" in page
    assert '<html lang="en-GB"' in page


def test_an_organization_is_shown_with_the_names_of_its_plan_and_kind(auditor, alpha):
    update_tenant(tenant_id=alpha.id, kind="home_services", plan_code="stall")

    page = auditor.get(f"/console/tenants/{format_public_id(TENANT_PREFIX, alpha.id)}/").content.decode()

    assert "<dd>Home services</dd>" in page
    assert re.search(r'/console/plans/stall/">Stall</a>', page)
