"""A closed organization is erased: nothing of it is left in any place, and a signed page says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from kernel.ids import new_id
from provisioning.erasing import looking
from provisioning.erasing.proving import PURPOSE, proof_of
from provisioning.erasing.services import order_erasure
from provisioning.erasing.traces import Traces
from provisioning.models import Run, Step
from provisioning.saga.engine import advance
from provisioning.types import RunState
from shared_apps.accounts.models import User
from shared_apps.audit.models import AuditEntry
from tenants.in_redis import find_in_redis
from tenants.models import ReleasedName
from tenants.scope import owner_scope, platform_scope
from tests.provisioning.erasing.conftest import row_of
from tests.provisioning.organizations import SYSTEM, again


def ordered(tenant) -> Run:
    """The run, at its beginning."""
    return order_erasure(actor=SYSTEM, tenant_id=tenant.id, confirmed_name=tenant.slug)


def erased(tenant) -> Run:
    """The run, at its end."""
    run = ordered(tenant)
    assert advance(run.pk) == RunState.DONE, again(run).error
    return again(run)


def tables_with(text: str) -> list[str]:
    """The tables of every schema that hold `text` in any column; looked for without the code under test."""
    found = []
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)' ORDER BY 1, 2"
        )
        for schema, table in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{schema}"."{table}" t WHERE strpos(lower(t::text), %s) > 0', [text.lower()])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def nothing(*_: object) -> None:
    """Nobody is told."""


def test_no_mark_of_it_is_left_in_any_place(closed):
    mark = f"canary-{closed.slug}"
    assert {"accounts_user", "audit_auditentry", "provisioning_run", "outbox_message"} <= set(tables_with(mark))

    erased(closed)

    assert tables_with(mark) == []
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []
    assert find_in_redis(lambda held: mark.encode() in held.lower(), tell=nothing)[1] == 0
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE %s", [f"%{closed.id.hex}%"])
        assert cursor.fetchone()[0] == 0


def test_what_stays_is_a_tombstone_and_a_stub_of_ids(closed):
    run = erased(closed)

    assert row_of(closed) is None
    assert tables_with(closed.slug) == ["tenants_releasedname"]
    assert set(tables_with(str(closed.id))) == {
        "audit_auditentry",
        "business_mrrentry",
        "provisioning_fleetmove",
        "provisioning_run",
        "tenants_releasedname",
    }
    with platform_scope(reason="test"):
        assert ReleasedName.objects.get(name=closed.slug).tenant_id == closed.id
        stubs = AuditEntry.objects.filter(tenant_id=closed.id)
        assert {(entry.target, entry.reason, str(entry.data)) for entry in stubs} == {("", "", "{}")}
        assert stubs.filter(action="tenant.erased").exists()
        assert Step.objects.filter(run__tenant_id=closed.id, result__has_key="sealed").count() == 0
        assert not User.objects.filter(email=f"ann@{closed.slug}.example").exists()
    assert run.request["owner_email"] == ""


def test_the_proof_counts_each_place_and_is_signed(closed):
    run = erased(closed)

    proof = proof_of(run)

    assert proof is not None
    assert proof.found == 0
    assert proof.kept > 0
    places = {place.place for place in proof.places}
    assert {"schemas", "roles", "files below its prefix", "files of the platform", "Redis", "table outbox_message"} <= places
    assert closed.slug not in proof.signed.decode()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(proof.key))
    key.verify(bytes.fromhex(proof.signature), PURPOSE + proof.signed)


def test_the_address_typed_wrongly_erases_nothing(closed):
    from kernel.errors import Invalid

    with pytest.raises(Invalid):
        order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name="another")

    assert row_of(closed).status == "closing"


def test_a_long_look_keeps_its_lease_for_as_long_as_it_takes(db, monkeypatch, settings, tmp_path):
    monkeypatch.setattr(looking, "_BYTES_A_SECOND", 1)
    monkeypatch.setattr(looking, "_LINES", 10)
    log = tmp_path / "stoa.log"
    log.write_text("nothing\n" * 25, encoding="utf-8")
    handlers = {"file": {"class": "logging.FileHandler", "filename": str(log), "delay": True}}
    settings.LOGGING = settings.LOGGING | {"handlers": settings.LOGGING["handlers"] | handlers}
    told: list[int] = []
    traces = Traces(("nobody",), (), (), (), "salt")

    list(looking.look_into_tables(traces, tenant_id=new_id(), tell=lambda *, seconds=0, noted=None: told.append(seconds)))
    largest = max(told)
    list(looking.look_into_logs(traces, lambda: told.append(-1)))

    # An empty table has its pages, too; one that somebody wrote into has more.
    assert largest >= 8192
    assert told.count(-1) == 3
