"""What is done again and again about use: one job at a time, none for nothing, and each goes on until all is told."""

from __future__ import annotations

import pytest
import time_machine

from kernel.outbox.models import OutboxMessage
from shared_apps.metering import handlers, tasks
from shared_apps.metering.jobs import CompareUsage, ReportUsage
from shared_apps.metering.models import MonthUsage
from shared_apps.metering.services import count_facts, reporting
from shared_apps.metering.types import API_CALLS
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID
from tests.metering.rows import NOW, OVER, fact

BEGIN = {tasks.begin_reporting: ReportUsage, tasks.begin_comparing: CompareUsage}


@pytest.fixture(autouse=True)
def monday(in_platform):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("begin", BEGIN, ids=lambda begin: begin.name)
def test_a_round_is_one_job_however_often_it_is_begun(stripe, monkeypatch, begin):
    monkeypatch.setattr(tasks, "charged_customers", lambda: stripe.charged)

    for _time in range(3):
        begin.run()

    assert OutboxMessage.objects.filter(event_type=BEGIN[begin].event_type).count() == 1


@pytest.mark.parametrize("begin", BEGIN, ids=lambda begin: begin.name)
def test_where_nobody_is_charged_there_is_no_job(begin):
    begin.run()

    assert not OutboxMessage.objects.filter(event_type=BEGIN[begin].event_type).exists()


def test_a_job_goes_on_until_all_is_told_and_compared(stripe, monkeypatch):
    monkeypatch.setattr(handlers, "configured_gateway", lambda: stripe.gateway)
    monkeypatch.setattr(reporting, "AT_ONCE", 1)
    with tenant_scope(context_for(ALPHA_ID)):
        count_facts([fact("a"), fact("b", meter=API_CALLS)], now=NOW)

    with time_machine.travel(OVER, tick=False):
        report: ReportUsage | None = ReportUsage()
        while report is not None:
            report = handlers.report_usage(report)
    with time_machine.travel(OVER.replace(hour=20), tick=False):
        compare: CompareUsage | None = CompareUsage()
        while compare is not None:
            compare = handlers.compare_usage(compare)

    assert (stripe.counted(), stripe.counted("api_calls")) == (1, 1)
    with platform_scope(reason="test"):
        assert set(MonthUsage.objects.values_list("differs_by", flat=True)) == {0}
