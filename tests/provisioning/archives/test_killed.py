"""Workers that die at each step of an archive, restore, swap or taking of records: the next ones end it, with nothing half."""

from __future__ import annotations

import json

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from provisioning.archives.restoring import restore_beside
from provisioning.archives.services import begin_archive
from provisioning.fleet import single
from provisioning.fleet.plan import Stage
from provisioning.models import Run, Step
from provisioning.saga import engine
from provisioning.schemas import template
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import ensure_template
from provisioning.steps import importing, step_class, step_classes
from provisioning.types import ACTIVE_RUNS, RunKind, RunState
from shared_apps.archives.services import order_snapshot
from tenant_apps.catalog.models import Category
from tenants.scope import platform_scope, tenant_scope
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.importing import rows
from tests.provisioning.archives.singly import ordered
from tests.provisioning.archives.swaps import (
    content_of,
    now_of,
    restored,
    side_of,
    snapshot_of,
    swap_of,
    undo,
    whole,
)
from tests.provisioning.fleet.releases import (
    COLUMN_AND_INDEX,
    CONCURRENT_INDEX,
    PYTHON,
    migrate_on_top_of_the_first,
    released,
)
from tests.provisioning.organizations import SYSTEM, again

pytestmark = [pytest.mark.proves("faults.provisioning"), pytest.mark.usefixtures("quiet")]
# With what is slow done and nothing noted; with everything done and nothing committed.
MOMENTS = ("prepared", "inside")


class Killed(BaseException):
    """As far as the rest of the process can tell, it was killed."""


class Deaths:
    """Lets whoever is at a step die at each moment of it once; `seen` are the deaths so far."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def die_once(self, name: str, moment: str) -> None:
        if (name, moment) not in self.seen:
            self.seen.append((name, moment))
            raise Killed

    def rigged(self, kind: RunKind, name: str) -> type:
        deaths, original = self, step_class(kind, name)

        class Rigged(original):
            def prepare(self, work):
                super().prepare(work)
                deaths.die_once(name, "prepared")

            def do(self, work):
                result = super().do(work)
                deaths.die_once(name, "inside")
                return result

            def prepare_undo(self, work):
                super().prepare_undo(work)
                deaths.die_once(name, "prepared")

            def undo(self, work):
                super().undo(work)
                deaths.die_once(name, "inside")

        return Rigged


@pytest.fixture
def deaths(monkeypatch) -> Deaths:
    deaths = Deaths()
    monkeypatch.setattr(engine, "step_class", deaths.rigged)
    return deaths


def _carry_on(run: Run) -> RunState:
    """One worker after the other, until the run ends."""
    while again(run).state in ACTIVE_RUNS:
        with platform_scope(reason="test"):
            Step.objects.update(leased_until=None)
        try:
            engine.advance(run.pk)
        except Killed:
            continue
    return RunState(again(run).state)


def _all(kind: RunKind) -> set[tuple[str, str]]:
    return {(step.name, moment) for step in step_classes(kind) for moment in MOMENTS}


def test_an_archive(shop, deaths):
    archive = order_snapshot(actor=SYSTEM, tenant_id=shop.id)
    run = begin_archive(archive.public_id)

    assert _carry_on(run) == RunState.DONE, again(run).error

    assert set(deaths.seen) == _all(RunKind.ARCHIVE_ORGANIZATION)
    with tenant_scope(shop):
        assert default_storage.listdir("archives")[1] == [f"{archive.public_id.hex}.zip"]


def test_a_restore(shop, deaths):
    with pytest.MonkeyPatch.context() as calm:
        calm.setattr(engine, "step_class", step_class)
        archive = snapshot_of(shop)
    run = restore_beside(actor=SYSTEM, archive_id=archive.public_id)

    assert _carry_on(run) == RunState.DONE, again(run).error

    assert set(deaths.seen) == _all(RunKind.RESTORE_ORGANIZATION)
    assert read_catalog(side_of(run)).fingerprint == ensure_template().fingerprint
    assert whole(side_of(run))["bookings_booking"] == whole(shop.schema)["bookings_booking"]


def test_a_swap_and_its_undo(shop, deaths):
    with pytest.MonkeyPatch.context() as calm:
        calm.setattr(engine, "step_class", step_class)
        beside = restored(snapshot_of(shop))
    before, run = whole(shop.schema), swap_of(beside)

    assert _carry_on(run) == RunState.DONE, again(run).error
    assert set(deaths.seen) == _all(RunKind.SWAP_ORGANIZATION)
    assert (now_of(run).schema, now_of(run).status) == (side_of(beside), "active")

    deaths.seen.clear()
    undo(run)
    assert _carry_on(run) == RunState.UNDONE, again(run).error
    assert set(deaths.seen) == _all(RunKind.SWAP_ORGANIZATION)
    assert (now_of(run).schema, now_of(run).status) == (shop.schema, "active")
    after = whole(shop.schema)
    assert {table for table in before if before[table] != after[table]} <= {"django_session"}


def test_records_that_are_taken_and_put_back(shop, deaths):
    with pytest.MonkeyPatch.context() as calm:
        calm.setattr(engine, "step_class", step_class)
        beside = restored(snapshot_of(shop))
    with tenant_scope(shop):
        category = Category.objects.get(slug=NAMES.slug("deep"))
        Category.objects.filter(pk=category.pk).update(name="Renamed")
    before, run = whole(shop.schema), ordered(beside, category)

    assert _carry_on(run) == RunState.DONE, again(run).error
    assert set(deaths.seen) == _all(RunKind.TAKE_RECORDS)
    with tenant_scope(shop):
        assert Category.objects.get(pk=category.pk).name == category.name

    deaths.seen.clear()
    undo(run)
    assert _carry_on(run) == RunState.UNDONE, again(run).error
    assert set(deaths.seen) == _all(RunKind.TAKE_RECORDS)
    assert whole(shop.schema) == before


def test_a_worker_that_dies_after_each_migration_of_an_older_snapshot(shop, tmp_path, monkeypatch):
    archive, seen = snapshot_of(shop), []
    run_stage = single.run_stage

    def dying(schema: str, stage: Stage) -> None:
        run_stage(schema, stage)
        if schema == side_of(run):
            seen.append(stage.road)
            raise Killed

    monkeypatch.setattr(template, "migrate_schema", migrate_on_top_of_the_first)
    with released(tmp_path, {"0900_colour": COLUMN_AND_INDEX, "0901_shout": PYTHON, "0902_index": CONCURRENT_INDEX}):
        run = restore_beside(actor=SYSTEM, archive_id=archive.public_id)
        monkeypatch.setattr(single, "run_stage", dying)

        assert _carry_on(run) == RunState.DONE, again(run).error

        assert seen == ["replay", "executor", "executor"]
        assert read_catalog(side_of(run)).fingerprint == ensure_template().fingerprint
    with tenant_scope(shop):
        names = {f"{name}!" for name in Category.objects.values_list("name", flat=True)}
    assert {json.loads(row)["name"] for (row,) in rows(side_of(run), "catalog_category")} == names


@pytest.mark.control
def test_who_dies_each_time_ends_the_run_with_the_organization_open(shop, monkeypatch):
    """Negative control: the deaths above are deaths, and after the fifth nobody tries again."""
    run = swap_of(restored(snapshot_of(shop)))

    def dying(kind: RunKind, name: str) -> type:
        return Deaths().rigged(kind, name) if name == "swap" else step_class(kind, name)

    monkeypatch.setattr(engine, "step_class", dying)

    assert _carry_on(run) == RunState.FAILED

    assert "the workers died in this step" in again(run).error
    assert (now_of(run).schema, now_of(run).status) == (shop.schema, "active")


def test_a_file_that_was_half_written_when_its_worker_died_is_written_anew(shop, monkeypatch):
    with tenant_scope(shop):
        default_storage.save("images/lost.webp", ContentFile(b"all of it"))
    beside = restored(snapshot_of(shop))
    with tenant_scope(shop):
        default_storage.delete("images/lost.webp")

    def half(name: str, _content: object) -> None:
        default_storage.save(name, ContentFile(b"half"))
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(importing, "_save_as", half)
        run = swap_of(beside)
        with pytest.raises(Killed):
            engine.advance(run.pk)

    assert _carry_on(run) == RunState.DONE, again(run).error
    assert content_of(shop, "images/lost.webp") == b"all of it"
