"""An isolation test from the order to the signed report: what it notes, what it leaves, and how it ends."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import connection

from kernel import clock
from kernel.outbox.models import OutboxMessage
from provisioning.selftest.document import verify
from provisioning.selftest.handlers import ACTS, end_given_up, try_isolation
from provisioning.selftest.stage import staged
from shared_apps.audit.models import AuditEntry
from shared_apps.isolation.errors import AskedTooSoon
from shared_apps.isolation.jobs import TryIsolation
from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.selectors import alarms
from shared_apps.isolation.services import order_report
from shared_apps.isolation.types import FAMILIES, ReportState, Result, Verdict
from tenants import router, stamp
from tenants.models import Domain, Tenant
from tenants.scope import owner_scope, platform_scope
from tests.provisioning.selftest.conftest import OWNER, read, work_through

_COUNT = sum(2 * len(family.attempts) for family in FAMILIES)


def _file_of(report: IsolationReport) -> bytes:
    signature = {"algorithm": "ed25519", "key": report.key, "value": report.signature}
    return f'{{"report":{report.document},"signature":{json.dumps(signature)}}}'.encode()


def _rows_everywhere() -> dict[str, int]:
    """Rows per table in the schemas of both twins and in the registry."""
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname LIKE 't\\_%' OR tablename IN ('tenants_tenant', 'tenants_domain', 'outbox_message') ORDER BY 1"
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def _files(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def _forget_the_stamp(patch: pytest.MonkeyPatch) -> None:
    for module in (stamp, router):
        patch.setattr(module, "refuse_foreign", lambda instance: None)


def test_a_test_that_was_asked_for_ends_in_a_signed_report(carry_out):
    report = carry_out(*ACTS)

    found = verify(_file_of(report))
    assert (report.state, report.verdict, report.parts_done) == (ReportState.READY, Verdict.HELD, len(FAMILIES))
    assert (found.is_genuine, found.is_ours) == (True, True)
    assert found.report["counts"] == {"refused": _COUNT, "reached": 0, "untried": 0}
    assert len(found.report["attempts"]) == _COUNT
    assert all(attempt["own_side_succeeded"] for attempt in found.report["attempts"])


def test_nothing_is_left_of_the_test(report, carry_out, settings):
    before = _rows_everywhere()

    carry_out(*ACTS)

    assert _rows_everywhere() == before
    assert _files(settings) == []


def test_what_is_left_in_redis_ends_by_itself(carry_out):
    backend = caches["default"]
    redis, prefix = backend._cache.get_client(write=True), backend.key_prefix

    carry_out(*ACTS)

    keys = list(redis.scan_iter(match=f"{prefix}:*"))
    for_ever = [key for key in keys if redis.ttl(key) < 0 and b"tenants:hosts:generation" not in key]
    assert for_ever == []
    assert not [key for key in keys if b":1:isolation:canary" in key]


def test_whatever_goes_wrong_in_it_nothing_is_left(in_alpha, settings):
    before = _rows_everywhere()

    with pytest.raises(ZeroDivisionError), staged(in_alpha, IsolationReport().public_id):
        raise ZeroDivisionError

    assert _rows_everywhere() == before
    assert _files(settings) == []


def test_while_it_runs_the_other_marketplace_is_really_there(in_alpha):
    """Negative control of the two above: what is not found afterwards was there."""
    before = _rows_everywhere()

    with staged(in_alpha, IsolationReport().public_id) as stage:
        during = _rows_everywhere()
        with platform_scope(reason="test"):
            hosts = Domain.objects.filter(tenant_id=stage.other.tenant.id).count()

    assert hosts == 1
    assert sum(during.values()) > sum(before.values())
    assert len(during) > len(before)


def test_a_report_says_plainly_what_got_through_and_tells_the_operator(carry_out, monkeypatch, caplog):
    _forget_the_stamp(monkeypatch)

    report = carry_out()

    reached = {a["id"] for a in json.loads(report.document)["attempts"] if a["result"] == Result.REACHED}
    assert report.verdict == Verdict.BROKEN
    assert "objects.save" in reached
    with platform_scope(reason="test"):
        assert AuditEntry.objects.filter(action="isolation.broken", tenant_id=report.tenant_id).count() == 1
    assert [alarm.pk for alarm in alarms()] == [report.pk]
    assert "isolation broken" in caplog.text


def test_a_clean_report_ends_the_alarm(carry_out, monkeypatch, in_alpha):
    with monkeypatch.context() as patch:
        _forget_the_stamp(patch)
        broken = carry_out()
    later = order_report(actor=OWNER, now=clock.now() + timedelta(minutes=4))

    work_through(later)

    assert read(later).verdict == Verdict.HELD
    assert broken.pk not in [alarm.pk for alarm in alarms()]


def test_what_fails_in_another_way_than_by_a_refusal_proves_nothing(carry_out, monkeypatch):
    """Redis is away: neither the cache nor sockets answer."""
    from redis.exceptions import ConnectionError as Away

    from tenants.cache import TenantCache

    def refuse(*_: object, **__: object) -> None:
        raise Away("connection refused")

    monkeypatch.setattr(TenantCache, "set", refuse)

    report = carry_out("objects", "cache")

    untried = {a["id"] for a in json.loads(report.document)["attempts"] if a["result"] == Result.UNTRIED}
    assert report.verdict == Verdict.INCOMPLETE
    assert untried == {"cache.key", "cache.copied"}
    assert alarms() == []


def test_a_part_that_is_done_twice_is_noted_once(report):
    job = TryIsolation(report_id=report.public_id)
    try_isolation(job)
    trials = read(report).trials

    again = try_isolation(job)

    assert again == TryIsolation(report_id=report.public_id, part=1)
    assert read(report).trials == trials
    assert read(report).parts_done == 1


def test_asking_while_one_is_under_way_gives_the_same_and_after_it_one_must_wait(report, carry_out):
    assert order_report(actor=OWNER).pk == report.pk
    carry_out()

    with pytest.raises(AskedTooSoon):
        order_report(actor=OWNER)

    assert order_report(actor=OWNER, now=clock.now() + timedelta(minutes=4)).pk != report.pk


def test_asking_writes_one_job_in_the_marketplaces_own_name(report):
    order_report(actor=OWNER)

    with platform_scope(reason="test"):
        (message,) = OutboxMessage.objects.filter(event_type=TryIsolation.event_type)
    assert (message.tenant_id, message.payload) == (report.tenant_id, {"report_id": str(report.public_id), "part": 0})


def test_a_test_that_nobody_works_on_any_more_is_ended_with_its_files(report, settings, in_alpha):
    from provisioning.selftest.files import put_file, text_name

    put_file(text_name(report.public_id), "left by a killed worker")

    assert end_given_up() == 0
    assert end_given_up(now=clock.now() + timedelta(minutes=11)) == 1

    assert read(report).state == ReportState.FAILED
    assert _files(settings) == []
    assert try_isolation(TryIsolation(report_id=report.public_id)) is None


def test_the_next_order_takes_the_place_of_one_that_was_given_up(report):
    later = order_report(actor=OWNER, now=clock.now() + timedelta(minutes=11))

    assert later.pk != report.pk
    assert read(report).state == ReportState.FAILED


def test_no_report_shows_anything_of_the_marketplace(carry_out, in_alpha):
    from tenant_apps.catalog.models import Category

    Category.objects.create(name="A secret shelf", slug="a-secret-shelf")

    report = carry_out("search")

    assert "secret" not in report.document
    assert "secret" not in json.dumps(report.trials)


def test_the_report_goes_with_its_marketplace(carry_out):
    report = carry_out()

    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=report.tenant_id).delete()
        assert not IsolationReport.objects.filter(pk=report.pk).exists()


def test_the_command_knows_a_genuine_report_from_a_changed_one(carry_out, tmp_path, capsys):
    report = carry_out()
    genuine, changed = tmp_path / "genuine.json", tmp_path / "changed.json"
    genuine.write_bytes(_file_of(report))
    changed.write_bytes(_file_of(report).replace(b'"verdict":"held"', b'"verdict":"best"'))

    call_command("isolation_report", "verify", str(genuine))

    assert f"genuine: {report.outside_id}" in capsys.readouterr().out
    with pytest.raises(CommandError, match="was changed"):
        call_command("isolation_report", "verify", str(changed))
    with pytest.raises(CommandError, match="another key"):
        call_command("isolation_report", "verify", str(genuine), key="0" * 64)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("isolation_report", "verify", __file__)


def test_the_command_says_in_a_sentence_what_it_cannot_read(tmp_path):
    with pytest.raises(CommandError, match=r"^There is no file .*missing\.json\.$"):
        call_command("isolation_report", "verify", str(tmp_path / "missing.json"))
    with pytest.raises(CommandError, match=r"cannot be read: Is a directory\.$"):
        call_command("isolation_report", "verify", str(tmp_path))


def test_every_family_takes_few_statements(in_alpha, django_assert_max_num_queries):
    """A stage is two dozen rows: it costs no more for a large marketplace than for a small one."""
    with django_assert_max_num_queries(120), staged(in_alpha, IsolationReport().public_id):
        pass
