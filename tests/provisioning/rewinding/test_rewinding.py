"""One marketplace comes back from backup and WAL as it was at a minute, and the others go on (R21, F29, F31)."""

from __future__ import annotations

import shutil
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from kernel.actor import Actor
from provisioning.archives.restoring import differences_of, swap_restored
from provisioning.archives.singles import taken_at_of
from provisioning.archives.writing import write_archive
from provisioning.models import Run
from provisioning.saga.engine import advance_to_end
from provisioning.types import RunKind, RunState
from shared_apps.archives.selectors import snapshots_of
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.archives.conftest import context_of
from tests.provisioning.archives.swaps import whole
from tests.provisioning.rewinding.conftest import Loss
from tests.provisioning.rewinding.servers import side_at

pytestmark = pytest.mark.proves("faults.rewinding")

_SYSTEM = Actor.system("test")


def rewind(slug: str, *options: str) -> None:
    """What an operator types."""
    with platform_scope(reason="manage.py"):
        call_command("rewind", slug, *options, stdout=StringIO())


def rewound(slug: str, *options: str) -> Run:
    """The same; the run that restored."""
    rewind(slug, *options)
    with platform_scope(reason="test"):
        return Run.objects.filter(kind=RunKind.RESTORE_ORGANIZATION).order_by("-pk")[0]


def coming_back(run: Run) -> dict[str, int]:
    return {line.table: line.added for line in differences_of(run) if line.is_any}


def test_one_marketplace_comes_back_as_it_was_at_a_moment_and_the_other_goes_on(loss: Loss):
    neighbour = whole(context_of(BETA_ID).schema)

    with side_at(loss.place, loss.before) as port:
        run = rewound("alpha", f"--side=127.0.0.1:{port}")
    swap = swap_restored(actor=_SYSTEM, run_id=run.public_id, confirmed_name="alpha")
    assert advance_to_end(swap.pk) == RunState.DONE

    lost = coming_back(run)
    assert lost.keys() == {"bookings_booking"}
    with tenant_scope(context_of(ALPHA_ID)):
        assert Booking.objects.count() == lost["bookings_booking"] > 0
        assert Category.objects.filter(name="Made after the backup").exists()
    taken_at = taken_at_of(run)
    assert taken_at is not None
    assert taken_at <= datetime.fromisoformat(loss.before)
    assert whole(context_of(BETA_ID).schema) == neighbour
    with tenant_scope(context_of(BETA_ID)):
        assert Category.objects.filter(name="Made after the loss").exists()


@pytest.mark.control
def test_a_moment_after_the_loss_brings_nothing_back(loss: Loss, tmp_path: Path):
    """By way of a file, as one release reads for another."""
    file = tmp_path / "alpha.zip"
    with side_at(loss.place, loss.after) as port:
        rewind("alpha", f"--side=127.0.0.1:{port}", f"--output={file}")

    run = rewound("alpha", f"--file={file}")

    assert run.state == RunState.DONE
    assert coming_back(run).get("bookings_booking", 0) == 0


def test_a_living_server_is_no_side_cluster(loss: Loss, settings):
    with pytest.raises(CommandError, match="no server that stands at a moment of the past"):
        rewind("alpha", f"--side=127.0.0.1:{settings.DATABASES['default']['PORT']}")


def test_where_nobody_answers_the_living_one_is_not_read_instead(loss: Loss):
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:1"):
        rewind("alpha", "--side=127.0.0.1:1")

    # The connection leads home again.
    assert context_of(ALPHA_ID).slug == "alpha"


def test_what_is_anothers_or_no_archive_is_not_kept(loss: Loss, tmp_path: Path):
    file = tmp_path / "beta.zip"
    with file.open("wb") as archive:
        write_archive(context_of(BETA_ID), archive, tell=lambda _progress: None)
    before = len(snapshots_of(ALPHA_ID))

    with pytest.raises(CommandError, match="another organization's"):
        rewind("alpha", f"--file={file}")
    file.write_bytes(b"something else")
    with pytest.raises(CommandError):
        rewind("alpha", f"--file={file}")

    assert len(snapshots_of(ALPHA_ID)) == before


def test_what_is_read_from_a_file_is_not_written_into_another(loss: Loss, tmp_path: Path):
    with pytest.raises(CommandError, match="--output"):
        rewind("alpha", "--file=alpha.zip", f"--output={tmp_path / 'other.zip'}")

    assert not (tmp_path / "other.zip").exists()


def recover(loss: Loss, moment: str, **places: Path) -> tuple[int, str]:
    """How it ended, and what it said."""
    shutil.rmtree(loss.place.home / "attempt", ignore_errors=True)
    done = loss.place.run(*loss.place.recovering(moment, "attempt", **places))
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def archive(loss: Loss):
    """A copy of the WAL, to be damaged."""
    copy = loss.place.home / "copy"
    assert loss.place.run("cp", "-a", str(loss.place.wal), str(copy)).returncode == 0
    yield copy
    shutil.rmtree(copy)


def test_the_nightly_test_says_how_far_the_backup_reaches(loss: Loss):
    code, said = recover(loss, "latest")

    assert (code, "Whole: last completed transaction was at log time" in said) == (0, True), said


def test_a_missing_segment_is_named(loss: Loss, archive: Path):
    missing = archive / loss.segments[1].name
    missing.unlink()

    code, said = recover(loss, loss.after, wal=archive)

    assert code == 1
    assert f"The segment {missing.name} is missing in {archive}" in said


def test_a_moment_that_the_archive_does_not_reach_is_said(loss: Loss, archive: Path):
    (archive / loss.segments[2].name).unlink()

    code, said = recover(loss, loss.after, wal=archive)

    assert (code, "ends, or is damaged, before" in said) == (1, True), said


def test_the_nightly_test_notices_a_damaged_segment(loss: Loss, archive: Path):
    with (archive / loss.segments[1].name).open("r+b") as segment:
        segment.write(b"\xff" * 65_536)

    code, said = recover(loss, "latest", wal=archive)

    assert (code, "is damaged behind" in said) == (1, True), said


def test_a_damaged_backup_is_refused_before_anything_is_made(loss: Loss):
    damaged = loss.place.home / "damaged"
    assert loss.place.run("cp", "-a", str(loss.place.backup), str(damaged)).returncode == 0
    with (damaged / "global/pg_control").open("r+b") as file:
        file.write(b"\x00" * 16)

    code, said = recover(loss, loss.before, backup=damaged)

    assert (code, "is damaged or not whole" in said) == (1, True), said
    assert not (loss.place.home / "attempt").exists()
    shutil.rmtree(damaged)


@pytest.mark.parametrize("moment", ["2026-11-21T09:00", "yesterday", ""])
def test_a_moment_without_its_zone_is_nobodys(loss: Loss, moment: str):
    code, said = recover(loss, moment)

    assert code == 1
    assert "zone" in said or "MOMENT" in said
