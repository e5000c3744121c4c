"""From the owner's wish to a file that can be fetched, and the commands of whoever runs the platform."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError

from kernel.outbox.models import OutboxMessage
from provisioning import handlers
from provisioning.archives.reading import opened_archive, verify_archive
from provisioning.archives.services import begin_archive
from provisioning.archives.signing import own_key
from provisioning.events import RunFailed
from provisioning.files import files_below
from provisioning.models import Run, Step
from provisioning.saga.engine import advance
from provisioning.services import undo_run
from provisioning.steps import archiving
from provisioning.types import RunKind, RunState
from shared_apps.archives.errors import ArchiveNotFound
from shared_apps.archives.events import ArchiveOrdered
from shared_apps.archives.models import Archive
from shared_apps.archives.selectors import archive_by_id
from shared_apps.archives.services import delete_archive, note_failed, order_archive
from shared_apps.archives.types import ArchiveState
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.forging import FOREIGN_KEY, foreign
from tests.provisioning.organizations import SYSTEM, again

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def archive(quiet, market) -> Archive:
    with platform_scope(reason="test"):
        Archive.objects.all().delete()
    with tenant_scope(market):
        for name in list(files_below(default_storage, "archives")):
            default_storage.delete(name)
    return order_archive(actor=SYSTEM, tenant_id=ALPHA_ID)


def _content_of(archive: Archive, market) -> bytes:
    with tenant_scope(market), default_storage.open(archive.file_name) as file:
        return file.read()


def _files(market) -> list[str]:
    with tenant_scope(market):
        return list(files_below(default_storage, "archives"))


def test_a_run_writes_it_and_notes_size_and_hash(archive, market):
    run = begin_archive(archive.public_id)

    assert advance(run.pk) == RunState.DONE, again(run).error

    archive, content = archive_by_id(archive.public_id), _content_of(archive, market)
    assert (again(run).kind, again(run).tenant_id) == (RunKind.ARCHIVE_ORGANIZATION, ALPHA_ID)
    assert archive.state == ArchiveState.READY
    assert (archive.size_bytes, archive.sha256) == (len(content), sha256(content).hexdigest())
    assert archive.done == archive.total > 30
    assert (archive.expires_at - archive.ready_at).days == 7
    with opened_archive(BytesIO(content)) as reader:
        verify_archive(reader)


def test_the_order_reaches_the_workers_as_one_run_however_often_it_is_told(archive):
    with platform_scope(reason="test"):
        (message,) = OutboxMessage.objects.filter(handler="provisioning.handlers.write_ordered_archive")
        event = ArchiveOrdered.from_payload(message.payload)

        handlers.write_ordered_archive(event)
        handlers.write_ordered_archive(event)

        assert Run.objects.filter(kind=RunKind.ARCHIVE_ORGANIZATION).count() == 1


def test_an_order_whose_organization_went_is_quiet(quiet):
    with platform_scope(reason="test"):
        handlers.write_ordered_archive(ArchiveOrdered(archive_id=NAMES.uuid("gone")))

        assert not Run.objects.exists()


def test_a_worker_that_dies_while_writing_is_followed_by_one_that_begins_again(archive, market, monkeypatch):
    run = begin_archive(archive.public_id)
    with tenant_scope(market):
        default_storage.save(archive.file_name, ContentFile(b"half of it"))
    with monkeypatch.context() as rigged:
        rigged.setattr(archiving, "write_archive", lambda *_args, **_kwargs: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            advance(run.pk)
    with platform_scope(reason="test"):
        Step.objects.update(leased_until=None)

    assert advance(run.pk) == RunState.DONE, again(run).error

    assert _files(market) == [archive.file_name]
    assert len(_content_of(archive, market)) == archive_by_id(archive.public_id).size_bytes


def test_waiting_for_the_fleet_is_no_failure(archive):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(schema_version="older")
    run = begin_archive(archive.public_id)
    try:
        assert advance(run.pk) == RunState.RUNNING
    finally:
        with platform_scope(reason="test"):
            Tenant.objects.filter(pk=ALPHA_ID).update(schema_version=code_schema_version())

    with platform_scope(reason="test"):
        step = Step.objects.get(run=run)
    assert (step.attempt, archive_by_id(archive.public_id).state) == (0, ArchiveState.WAITING)
    assert "until the fleet has migrated alpha" in step.error


def test_one_that_cannot_be_written_is_told_to_whoever_asked(archive, market, monkeypatch):
    with tenant_scope(market):
        default_storage.save("images/no good name.webp", ContentFile(b"x"))
    run = begin_archive(archive.public_id)
    try:
        assert advance(run.pk) == RunState.FAILED
    finally:
        with tenant_scope(market):
            default_storage.delete("images/no good name.webp")

    with platform_scope(reason="test"):
        handlers.tell_who_ordered(RunFailed(run_id=run.public_id, error="a name"))
        handlers.tell_who_ordered(RunFailed(run_id=run.public_id, error="a name"))
    assert archive_by_id(archive.public_id).state == ArchiveState.FAILED
    assert _files(market) == []


def test_undoing_deletes_the_archive_and_nothing_of_the_organization(archive, market):
    run = begin_archive(archive.public_id)
    advance(run.pk)

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="alpha")

    assert advance(run.pk) == RunState.UNDONE
    assert _files(market) == []
    assert archive_by_id(archive.public_id).state == ArchiveState.DELETED
    with platform_scope(reason="test"):
        assert Tenant.objects.get(pk=ALPHA_ID).status == "active"


def test_an_archive_that_nobody_asked_for_is_not_begun(quiet):
    with pytest.raises(ArchiveNotFound):
        begin_archive(NAMES.uuid("nobody"))


# --- commands


def _said(*arguments: str) -> str:
    out = StringIO()
    with platform_scope(reason="manage.py"):
        call_command(*arguments, stdout=out)
    return out.getvalue()


def test_archive_and_import_by_command(archive, tmp_path):
    path = tmp_path / "alpha.zip"

    written = _said("tenant", "archive", "alpha", "--output", str(path))
    imported = _said("tenant", "import", str(path), "--slug", "gamma")

    assert sha256(path.read_bytes()).hexdigest() in written
    assert "announce      done" in imported
    assert "http://gamma.localhost" in imported
    with platform_scope(reason="test"):
        assert Tenant.objects.get(slug="gamma").status == "active"


def test_the_command_says_why_it_refuses(archive, tmp_path):
    path = tmp_path / "nothing.zip"

    with pytest.raises(CommandError, match="No such file"):
        _said("tenant", "import", str(path), "--slug", "gamma")
    path.write_bytes(b"hello")
    with pytest.raises(CommandError, match="no archive of an organization"):
        _said("tenant", "import", str(path), "--slug", "gamma")
    with pytest.raises(CommandError, match="Free: alpha-market"):
        _said("tenant", "import", str(path), "--slug", "alpha")
    with pytest.raises(CommandError, match="no organization"):
        _said("tenant", "archive", "nobody", "--output", str(path))
    with pytest.raises(CommandError, match="no such folder"):
        _said("tenant", "archive", "alpha", "--output", str(tmp_path / "nowhere" / "alpha.stoa"))


def test_keys_are_shown_trusted_and_distrusted_by_command(written, tmp_path):
    path = Path(tmp_path / "foreign.zip")
    path.write_bytes(foreign(written))

    assert _said("archive_keys", "show").strip() == own_key()
    with pytest.raises(CommandError, match=f"archive_keys trust {FOREIGN_KEY}"):
        _said("tenant", "import", str(path), "--slug", "gamma")
    with pytest.raises(CommandError, match="64 digits"):
        _said("archive_keys", "trust", "short", "--name", "The other one")
    assert FOREIGN_KEY in _said("archive_keys", "trust", FOREIGN_KEY, "--name", "The other one")
    assert f"{FOREIGN_KEY}  The other one, by manage.py archive_keys" in _said("archive_keys", "list")
    assert "announce      done" in _said("tenant", "import", str(path), "--slug", "gamma")
    assert "not trusted any more" in _said("archive_keys", "distrust", FOREIGN_KEY)
    assert "was not trusted" in _said("archive_keys", "distrust", FOREIGN_KEY)


def test_one_that_failed_stays_so_when_its_run_is_taken_back(archive):
    """Its page goes on saying why, instead of that its time is over."""
    note_failed(archive.public_id, error="no room on the disk")

    delete_archive(archive.public_id)

    found = archive_by_id(archive.public_id)
    assert (found.state, found.error) == (ArchiveState.FAILED, "no room on the disk")
