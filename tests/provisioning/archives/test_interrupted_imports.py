"""Imports that are interrupted, fail, or bring rows that nobody should take: gone on with, or taken back whole."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from kernel import clock
from provisioning.archives import snapshot
from provisioning.archives.inbox import put_in, tidy_inbox
from provisioning.archives.writing import write_archive
from provisioning.errors import LeaseLost
from provisioning.models import Step
from provisioning.saga.engine import advance
from provisioning.saga.leases import Lease
from provisioning.services import retry_run, undo_run
from provisioning.steps import importing, loading
from provisioning.types import RunState
from tenants.errors import SlugTaken
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.forging import forged, listed, manifest_of
from tests.provisioning.archives.importing import files_of, is_same_as_alpha, ordered, rows, tenant_of
from tests.provisioning.organizations import SYSTEM, again, inventory

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def in_small_parts(market, monkeypatch) -> bytes:
    """The same archive in many parts, so that there is something between the first and the last."""
    monkeypatch.setattr(snapshot, "PART_BYTES", 200)
    file = BytesIO()
    write_archive(market, file, tell=lambda _progress: None)
    return file.getvalue()


@pytest.mark.parametrize("dies_at", [1, 7, 20, 35])
def test_a_worker_that_dies_while_loading_is_followed_by_one_that_goes_on_behind_it(in_small_parts, monkeypatch, dies_at):
    run = ordered(in_small_parts)
    with monkeypatch.context() as rigged:
        _die_after(rigged, dies_at)
        with pytest.raises(_Killed):
            advance(run.pk)
    _let_leases_end()

    assert advance(run.pk) == RunState.DONE, again(run).error

    assert is_same_as_alpha(tenant_of(run))


class _Killed(BaseException):
    """As far as the rest of the process can tell, it was killed."""


def _die_after(rigged: pytest.MonkeyPatch, count: int) -> None:
    """Before part, or rebuilt table, number `count` is committed."""
    counted = 0
    keep = Lease.keep

    def dying(lease, *, seconds=0, noted=None):
        nonlocal counted
        if lease.name == "rows" and noted is not None:
            counted += 1
            if counted == count:
                raise _Killed
        keep(lease, seconds=seconds, noted=noted)

    rigged.setattr(Lease, "keep", dying)


def _let_leases_end() -> None:
    with platform_scope(reason="test"):
        Step.objects.exclude(leased_until=None).update(leased_until="2020-01-01T00:00:00Z")


def test_a_worker_that_lost_its_lease_cannot_add_its_part(in_small_parts, monkeypatch):
    """It was stopped while it loaded; meanwhile another one did all of it."""
    run = ordered(in_small_parts)
    copy, states = loading.copy_into, []

    def overtaken(schema, table, columns, blocks):
        if states:
            return copy(schema, table, columns, blocks)
        states.append("stopped")
        with platform_scope(reason="test"):
            Step.objects.filter(run=run, name="rows").update(lease_token=99)
        return copy(schema, table, columns, blocks)

    monkeypatch.setattr(loading, "copy_into", overtaken)
    assert advance(run.pk) == RunState.RUNNING
    assert rows(tenant_of(run).schema, "accounts_user") == []

    _let_leases_end()
    assert advance(run.pk) == RunState.DONE, again(run).error
    assert is_same_as_alpha(tenant_of(run))


@pytest.mark.control
def test_without_the_fence_its_part_would_be_there(in_small_parts, monkeypatch):
    """Negative control: the same, with a lease that nobody looks at."""
    run = ordered(in_small_parts)
    copy, states = loading.copy_into, []

    def overtaken(schema, table, columns, blocks):
        if not states:
            states.append("stopped")
            with platform_scope(reason="test"):
                Step.objects.filter(run=run, name="rows").update(lease_token=99)
        return copy(schema, table, columns, blocks)

    with monkeypatch.context() as rigged:
        rigged.setattr(loading, "copy_into", overtaken)
        rigged.setattr(Lease, "keep", lambda _lease, **_facts: None)
        assert advance(run.pk) == RunState.RUNNING

    assert rows(tenant_of(run).schema, "accounts_user") != []


def test_keeping_a_lease_that_is_somebody_elses_is_refused(written):
    run = ordered(written)
    with platform_scope(reason="test"):
        step = Step.objects.get(run=run, name="rows")
        with pytest.raises(LeaseLost), transaction.atomic():
            Lease(run.pk, step.pk, step.name, 99, 1, is_undo=False).keep(noted={"parts": 3})

        assert Step.objects.get(pk=step.pk).result == {}


@pytest.mark.parametrize(
    ("user_id", "told"),
    [("424242", "members_membership_user_id_"), ("a secret of somebody's", "22P02")],
)
def test_rows_that_the_database_does_not_take_end_the_run_without_being_shown(written, user_id, told):
    """Signed by a key that we believe, and still not believed blindly: the database has the last word."""
    before = _inventory()
    (table,) = [table for table in manifest_of(written)["tables"] if table["name"] == "members_membership"]
    values = {"id": "1", "user_id": user_id, "role": "owner", "created_at": "2026-11-23 09:00:00+00"}
    row = "\t".join(values[column] for column in table["columns"]).encode() + b"\n"
    run = ordered(_with_rows(written, "tables/members_membership/000001.copy", row))

    assert advance(run.pk) == RunState.FAILED

    assert f"does not take the rows of “members_membership” ({told}" in again(run).error
    assert user_id not in again(run).error
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="gamma")
    assert advance(run.pk) == RunState.UNDONE
    assert _inventory() == before


def _inventory() -> dict[str, object]:
    """Without the letters to operators that a failed run sends."""
    found = inventory()
    found["rows"].pop("outbox_message")
    return found


def _with_rows(archive: bytes, name: str, content: bytes) -> bytes:
    def change(manifest):
        manifest["members"] = [
            listed(name, content, rows=content.count(b"\n")) if member["name"] == name else member
            for member in manifest["members"]
        ]
        for table in manifest["tables"]:
            if table["name"] == name.split("/")[1]:
                table["rows"] = content.count(b"\n")

    return forged(archive, change, parts={name: content})


def test_a_failed_import_goes_on_after_a_retry(written, monkeypatch):
    run = ordered(written)
    with monkeypatch.context() as broken:
        broken.setattr(importing, "package_of_today", lambda _name: (_ for _ in ()).throw(SlugTaken("not today")))
        assert advance(run.pk) == RunState.FAILED

    retry_run(actor=SYSTEM, run_id=run.public_id)

    assert advance(run.pk) == RunState.DONE, again(run).error
    assert is_same_as_alpha(tenant_of(run))


def test_copies_are_tidied_away_when_their_run_is_over_and_not_before(written, monkeypatch):
    run = ordered(written)
    put_in(BytesIO(b"of a run that was never written down"), run_id=NAMES.uuid("lost"))
    with platform_scope(reason="test"):
        name = again(run).request["archive"]

    assert tidy_inbox() == 0
    assert tidy_inbox(now=clock.now() + timedelta(hours=2)) == 1
    advance(run.pk)
    assert tidy_inbox() == 1

    with platform_scope(reason="test"):
        assert not default_storage.exists(name)
        assert Tenant.objects.filter(slug="gamma").exists()


def test_a_file_of_the_same_name_is_written_over(written, market):
    """A killed worker wrote it, and could not note that any more."""
    run = ordered(written)
    real = importing.LoadFiles.prepare

    def with_leftover(step, work):
        with tenant_scope(work.tenant()):
            default_storage.save(f"images/{NAMES.picture}-96.webp", ContentFile(b"half"))
        real(step, work)

    with pytest.MonkeyPatch.context() as rigged:
        rigged.setattr(importing.LoadFiles, "prepare", with_leftover)
        assert advance(run.pk) == RunState.DONE, again(run).error

    assert files_of(tenant_of(run)) == files_of(market)
