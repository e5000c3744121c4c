"""What the console tells operators of isolation tests in which something got through, and where the signing key stands."""

from __future__ import annotations

import pytest

from kernel.ids import format_public_id
from provisioning.archives.signing import own_key
from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.types import ReportState, Verdict
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID

_TENANT = f"/console/tenants/{format_public_id('org', ALPHA_ID)}/"


def _report(verdict: Verdict, tenant_id=ALPHA_ID) -> IsolationReport:
    with platform_scope(reason="test"):
        return IsolationReport.objects.create(
            tenant_id=tenant_id, state=ReportState.READY, verdict=verdict, requested_by="owner"
        )


@pytest.mark.parametrize("path", ["/console/", _TENANT])
def test_the_console_says_where_something_got_through(admin, path):
    report = _report(Verdict.BROKEN)

    page = admin.get(path)

    assert report.outside_id in page.text
    assert "treat it as an incident" in page.text


@pytest.mark.parametrize("verdict", [Verdict.HELD, Verdict.INCOMPLETE])
def test_other_reports_alarm_nobody(admin, verdict):
    _report(verdict)

    assert "treat it as an incident" not in admin.get("/console/").text


def test_a_later_clean_report_ends_the_alarm_and_another_organizations_does_not(admin):
    report = _report(Verdict.BROKEN)
    _report(Verdict.HELD, BETA_ID)
    before = admin.get("/console/").text
    _report(Verdict.HELD)

    assert report.outside_id in before
    assert report.outside_id not in admin.get("/console/").text


def test_the_signing_key_stands_where_everybody_finds_it(platform_client):
    answer = platform_client.get("/.well-known/stoa-signing-key")

    assert answer.text.splitlines()[0] == f"ed25519 {own_key()}"
    assert answer["Content-Type"].startswith("text/plain")
