"""`manage.py fleet`: what it says and does."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError, OutputWrapper

from kernel import clock
from provisioning import pool
from provisioning.fleet.telling import Progress
from provisioning.models import FleetRun
from tenants.hosts import context_for
from tenants.schemas import code_schema_version, is_supported, supported_versions
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.fleet.looking import migrate, start, state_of, tenant, two_categories_of_one_icon
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, PYTHON, UNIQUE_ICON, released

READER_OF_PUBLIC = """
    operations = [
        migrations.RunSQL(
            "CREATE FUNCTION who() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN count(*) FROM public.tenants_tenant; END'",
            migrations.RunSQL.noop,
        )
    ]
"""


class Screen(StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def _said(*arguments: str) -> str:
    out = StringIO()
    with platform_scope(reason="manage.py"):
        call_command("fleet", *arguments, stdout=out)
    return out.getvalue()


def test_the_plan_tells_the_roads_the_counts_and_the_reasons(fleet, release):
    fleet("acme")
    release(columns=COLUMN_AND_INDEX, python=PYTHON)

    said = _said("migrate", "--plan")

    assert "3 slow road" in said
    assert "3 behind" in said
    assert "replay: catalog.0900_columns (2 statements)" in said
    assert "slow, because catalog.0901_python runs Python" in said
    assert tenant("acme").schema_version != code_schema_version()


def test_the_linter_says_what_keeps_a_schema_from_being_a_shard(fleet, release):
    assert "can be a shard" in _said("lint")

    release(reader=READER_OF_PUBLIC)

    with pytest.raises(CommandError, match="cannot be a shard"):
        _said("lint")


def test_migrating_tells_versions_waves_and_rate(fleet, release):
    fleet("acme")
    release(columns=COLUMN_AND_INDEX)

    said = _said("migrate", "--canary", "acme", "--connections", "1")

    assert f"version {code_schema_version()}  3  (this code)" in said
    assert "Canaries: 1 of 1, 0 failed" in said
    assert "All others: 2 of 2, 0 failed" in said
    assert "tenants/s" in said
    assert "Everybody is at" in _said("migrate")


def test_who_waits_hears_what_is_done_and_a_line_when_a_wave_begins_and_ends(fleet, release):
    fleet("acme")
    release(columns=COLUMN_AND_INDEX)

    planned, said = _said("plan"), _said("migrate")

    assert "planning: " in planned
    told = ["planning: ", "Canaries: begun, 1", "Canaries: 1 of 1", "All others: 2 of 2", "run flt_"]
    places = [said.index(words) for words in told]
    assert places == sorted(places)
    assert "planning: " not in _said("plan")


def test_on_a_terminal_one_line_is_written_anew():
    screen = Screen()
    progress = Progress(OutputWrapper(screen))

    progress.say("planning")
    progress.say("Canaries: 1 of 2")
    progress.end()

    assert screen.getvalue() == "\r\x1b[Kplanning\r\x1b[KCanaries: 1 of 2\r\x1b[K"


def test_a_failure_ends_the_command_in_red_and_can_be_tried_again(fleet, release):
    fleet("acme")
    two_categories_of_one_icon(tenant("acme").schema_name)
    release(icon=UNIQUE_ICON)

    with pytest.raises(CommandError, match="in quarantine: acme"):
        _said("migrate", "--connections", "1", "--canaries", "0")

    assert "quarantined acme: StatementFailed" not in _said("status")
    assert "category_icon_unique" in _said("status")
    with pytest.raises(CommandError, match="in quarantine: acme"):
        _said("retry", "acme")
    _said("release", "acme")
    assert tenant("acme").status == "active"


def test_whom_somebody_let_out_meanwhile_is_not_said_to_be_in_quarantine(fleet, release):
    fleet("acme")
    two_categories_of_one_icon(tenant("acme").schema_name)
    release(icon=UNIQUE_ICON)
    with pytest.raises(CommandError, match="in quarantine: acme"):
        _said("migrate", "--connections", "1", "--canary", "acme")
    assert "1 failed in the wave “Canaries”, where none may" in _said("status")
    _said("release", "acme")

    with pytest.raises(CommandError, match="in quarantine: nobody; released, not migrated: acme"):
        _said("resume", "--connections", "1")


def test_pausing_and_resuming_from_the_shell(fleet, release):
    release(columns=COLUMN_AND_INDEX)
    run = start()

    _said("pause")
    assert state_of(run) == "paused"
    _said("resume", "--connections", "1")

    assert state_of(run) == "done"
    with pytest.raises(CommandError, match="No run over the fleet is unfinished"):
        _said("pause")


def test_quarantine_from_the_shell_wants_an_organization_that_exists(fleet):
    _said("quarantine", "alpha", "--reason", "looked at")
    assert tenant("alpha").status == "maintenance"

    with pytest.raises(CommandError, match="does not exist"):
        _said("quarantine", "nobody", "--reason", "x")


def test_ready_schemas_of_the_old_version_go_with_it_and_new_ones_come(fleet, release, settings):
    pool.fill(2)
    release(columns=COLUMN_AND_INDEX)
    settings.PROVISIONING_POOL_TARGET = 1

    _said("migrate", "--connections", "1")
    assert pool.pool_status().stale == 2
    pool.drop_stale(now=clock.now() + timedelta(hours=2))

    status = pool.pool_status()
    assert (status.version, status.ready, status.stale) == (code_schema_version(), 1, 0)


def test_code_of_the_version_before_serves_what_was_migrated_already(fleet, release):
    old = code_schema_version()
    release(columns=COLUMN_AND_INDEX)
    migrate()

    context = context_for(ALPHA_ID)

    assert (context.schema_version, context.schema_base) == (code_schema_version(), old)
    # As the code of before asks: `version` is none of its own, `base` is.
    assert is_supported("newer", base=code_schema_version())
    assert not is_supported("newer", base="much older")


def test_code_that_is_not_ahead_serves_the_version_before_too(fleet, release):
    old = code_schema_version()
    release(columns="    ahead_of_code = True\n" + COLUMN_AND_INDEX)

    assert supported_versions() == {old, code_schema_version()}
    assert is_supported(old)


def test_a_mark_that_the_next_migration_follows_counts_no_more(fleet, release, tmp_path):
    """The release that added the second one uses the first: it does not run on a schema without it."""
    oldest = code_schema_version()
    with released(tmp_path, {"0900_columns": COLUMN_AND_INDEX}):
        with_the_first = code_schema_version()
    release(
        columns="    ahead_of_code = True\n" + COLUMN_AND_INDEX,
        icon="    ahead_of_code = True\n" + UNIQUE_ICON,
    )

    assert supported_versions() == {with_the_first, code_schema_version()}
    assert not is_supported(oldest)


def test_nothing_is_written_where_the_plan_fails(fleet, release):
    release(broken='    operations = [migrations.RunSQL("SELECT * FROM nowhere")]\n')

    with pytest.raises(CommandError, match="nowhere"):
        _said("migrate")

    with platform_scope(reason="test"):
        assert not FleetRun.objects.exists()
