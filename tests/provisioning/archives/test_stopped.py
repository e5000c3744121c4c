"""Archives and snapshots that are found out only by the run: it says why, the living go on, and undoing it leaves nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import ProgrammingError

from provisioning.archives import services
from provisioning.archives.inbox import tidy_inbox
from provisioning.archives.restoring import restore_beside
from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.schemas import template
from provisioning.schemas.template import ensure_template
from provisioning.services import undo_run
from provisioning.types import RunState
from shared_apps.archives.models import Archive
from tenants.context import TenantContext
from tenants.errors import SlugTaken
from tenants.scope import platform_scope, tenant_scope
from tests.provisioning.archives.forging import foreign, forged
from tests.provisioning.archives.importing import ordered
from tests.provisioning.archives.swaps import content_of, snapshot_of, whole
from tests.provisioning.fleet.releases import NOWHERE, migrate_on_top_of_the_first, released
from tests.provisioning.kills.leftovers import roles_without_schema, schemas
from tests.provisioning.organizations import SYSTEM, again, inventory

pytestmark = pytest.mark.usefixtures("quiet")


def _everything() -> dict[str, object]:
    """What there is, but for the letters to operators that a failed run sends."""
    found = inventory()
    found["rows"].pop("outbox_message")
    return found


def _stopped(run: Run) -> str:
    """Why the run stopped; when it was undone nothing of it is there."""
    assert advance(run.pk) == RunState.FAILED
    said, made = again(run).error, schemas()
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name=run.request["slug"])
    assert advance(run.pk) == RunState.UNDONE, again(run).error
    assert roles_without_schema(made) == set()
    return said


def _replace(name: str, content: bytes) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(content))


# --- an import


def test_columns_that_are_not_ours(written):
    """Names of columns become SQL: only those that our own tables have ever do."""
    before, run = _everything(), ordered(forged(written, lambda manifest: manifest["tables"][0]["columns"].reverse()))

    assert "are not those of this version" in _stopped(run)
    assert _everything() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: content[:-1], "Fetch it again"),
        (lambda content: content[: len(content) // 2], "Fetch it again"),
        (lambda _content: b"hello", "no archive of an organization"),
    ],
)
def test_a_copy_that_changed_while_it_waited(written, change: Callable[[bytes], bytes], words):
    """Read once when it was ordered, once more where the workers are: in between lies a disk."""
    before, run = _everything(), ordered(written)
    with platform_scope(reason="test"):
        _replace(again(run).request["archive"], change(written))

    assert words in _stopped(run)
    assert _everything() == before


def test_a_copy_that_is_gone(written):
    before, run = _everything(), ordered(written)
    with platform_scope(reason="test"):
        default_storage.delete(again(run).request["archive"])

    assert "is not there any more" in _stopped(run)
    assert _everything() == before


def test_a_name_that_was_taken_while_the_archive_was_read(written, monkeypatch):
    before = inventory()
    monkeypatch.setattr(services, "check_slug", lambda _slug: None)

    with pytest.raises(SlugTaken):
        ordered(written, "alpha")

    assert inventory() == before
    assert tidy_inbox() == 0
    with platform_scope(reason="test"):
        assert not Run.objects.exists()


# --- a restore


@pytest.fixture
def snapshot(shop: TenantContext) -> Archive:
    return snapshot_of(shop)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: content[:-1], "Fetch it again"),
        (foreign, "not trusted here"),
        (
            lambda content: forged(content, lambda manifest: manifest["tables"][0]["columns"].reverse()),
            "not those of this version",
        ),
    ],
)
def test_a_snapshot_that_is_not_to_be_believed(shop, snapshot, change: Callable[[bytes], bytes], words):
    with tenant_scope(shop):
        _replace(snapshot.file_name, change(content_of(shop, snapshot.file_name)))
    before, living = _everything(), whole(shop.schema)

    said = _stopped(restore_beside(actor=SYSTEM, archive_id=snapshot.public_id))

    assert words in said
    assert _everything() == before
    assert whole(shop.schema) == living


def test_a_snapshot_from_before_a_migration_that_leads_nowhere(shop, snapshot, tmp_path, monkeypatch):
    monkeypatch.setattr(template, "migrate_schema", migrate_on_top_of_the_first)
    living = whole(shop.schema)
    with released(tmp_path, {"0900_nowhere": NOWHERE}):
        with pytest.raises(ProgrammingError):
            ensure_template()
        before = _everything()

        said = _stopped(restore_beside(actor=SYSTEM, archive_id=snapshot.public_id))

        assert "There is no way from the archive's version" in said
        assert _everything() == before
    assert whole(shop.schema) == living
