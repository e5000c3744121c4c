"""A worker killed in the middle of an isolation test leaves nothing behind, and another one finishes it."""

from __future__ import annotations

import os
import signal
import uuid
from pathlib import Path

import pytest
from django.db import connection

from provisioning.pool import fill, pool_status
from provisioning.selftest import handlers
from provisioning.selftest.files import put_file, text_name
from provisioning.selftest.handlers import try_isolation
from provisioning.selftest.stage import staged
from provisioning.selftest.trying import try_all
from shared_apps.isolation.jobs import TryIsolation
from shared_apps.isolation.services import note_part, order_report
from shared_apps.isolation.types import FAMILIES, Result
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from tests.factories.children import child, exit_codes
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.selftest.conftest import OWNER, read

_FILES = next(number for number, family in enumerate(FAMILIES) if family.id == "files")


def _die_on_the_stage(report_id: str) -> None:
    """As a worker: everything stands, a file is written, and the power goes."""
    alpha = context_for(ALPHA_ID)
    assert alpha is not None

    def die(acts, stage):
        for _trial in try_all(acts, stage):
            with tenant_scope(stage.own.tenant):
                put_file(text_name(uuid.UUID(report_id)), "left")
            with tenant_scope(stage.other.tenant):
                put_file(text_name(uuid.UUID(report_id)), "left")
            os.kill(os.getpid(), signal.SIGKILL)

    handlers.try_all = die
    with tenant_scope(alpha):
        try_isolation(TryIsolation(report_id=uuid.UUID(report_id), part=_FILES))


def _standing() -> tuple[int, int]:
    """Schemas and roles of organizations."""
    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 't\\_%'")
        (schemas,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM tenants_tenant")
        (tenants,) = cursor.fetchone()
    return schemas, tenants


@pytest.mark.usefixtures("own_database")
def test_a_schema_of_the_pool_serves_and_is_there_again():
    """The script that makes a schema has the witness look at every later statement of its transaction; a claim has not."""
    fill(1)
    with tenant_scope(context_for(ALPHA_ID)) as alpha, staged(alpha, uuid.uuid4()) as stage:
        trials = list(try_all(handlers.ACTS["database"], stage))
        during = pool_status().ready

    assert {trial.result for trial in trials} == {Result.REFUSED}
    assert (during, pool_status().ready) == (0, 1)


@pytest.mark.servers
@pytest.mark.usefixtures("own_database")
def test_what_a_killed_worker_left_is_nothing_but_files_which_the_next_one_takes_away(settings):
    before, alpha = _standing(), context_for(ALPHA_ID)
    with tenant_scope(alpha):
        report = order_report(actor=OWNER)
        for part in range(_FILES):
            note_part(read(report), part=part, family=FAMILIES[part].id, trials=[])

    codes = exit_codes([child(_die_on_the_stage, str(report.public_id))])
    left = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    with tenant_scope(alpha):
        next_part = try_isolation(TryIsolation(report_id=report.public_id, part=_FILES))

    assert codes == [-signal.SIGKILL]
    assert len(left) >= 2
    assert _standing() == before
    assert next_part == TryIsolation(report_id=report.public_id, part=_FILES + 1)
    assert {trial["result"] for trial in read(report).trials["files"]} == {Result.REFUSED}
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []
