"""The quick way: many tenants in few round trips each, and whoever is not like the others gets the attention of before."""

import pytest
from django.db import OperationalError, connection

from provisioning.fleet import engine, fingerprint, moves, moving, quick
from provisioning.fleet.engine import advance_fleet, advance_fleet_to_end
from provisioning.fleet.fingerprint import quick_print
from provisioning.fleet.moves import claim_moves
from provisioning.fleet.services import pause_fleet_run, resume_fleet_run
from provisioning.models import FleetMove
from provisioning.schemas.catalog import read_catalog
from tenants.backend.at_once import Outcome
from tenants.backend.base import DatabaseWrapper
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope
from tests.provisioning.fleet.looking import (
    SYSTEM,
    execute,
    migrate,
    move_of,
    quarantined,
    start,
    tenant,
    two_categories_of_one_icon,
)
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, PYTHON, UNIQUE_ICON

pytestmark = pytest.mark.proves("faults.fleet")

MANY = [f"market-{letter}" for letter in "cdefghijkl"]
SEVERAL_IN_ONE = """
    operations = [
        migrations.RunSQL(
            "CREATE INDEX by_name ON catalog_category (name); CREATE UNIQUE INDEX by_icon ON catalog_category (icon)",
            "DROP INDEX by_name, by_icon",
        ),
        migrations.RunSQL("COMMENT ON TABLE catalog_category IS 'a; b' -- a comment at the end", migrations.RunSQL.noop),
    ]
"""


@pytest.fixture
def nothing_known(monkeypatch):
    """As in a new process: no schema was written out yet."""
    monkeypatch.setattr(fingerprint, "_prints", {})


@pytest.fixture
def written_out(monkeypatch):
    """The schemas that had to be written out, in order."""
    seen, whole = [], fingerprint._written_out
    monkeypatch.setattr(fingerprint, "_written_out", lambda schema: seen.append(schema) or whole(schema))
    return seen


@pytest.fixture
def round_trips(monkeypatch):
    """How many transactions were begun by each text of statements."""
    begun, whole = [], DatabaseWrapper.at_once
    monkeypatch.setattr(
        DatabaseWrapper, "at_once", lambda self, given: begun.append(given.count("BEGIN")) or whole(self, given)
    )
    return begun


def _states() -> set[tuple[str, int]]:
    with platform_scope(reason="test"):
        return set(FleetMove.objects.values_list("state", "attempt"))


def test_one_schema_is_written_out_for_all_that_look_the_same(fleet, release, nothing_known, written_out):
    fleet(*MANY)
    release(columns=COLUMN_AND_INDEX)
    run = start()
    by_the_plan = len(written_out)

    assert advance_fleet_to_end(run.pk, connections=1) == "done"

    # The plan's own schema, before and after; and one of the twins, which may look another way than what a script made.
    assert by_the_plan == 2
    assert len(written_out) <= 3
    assert _states() == {("done", 1)}


def test_tenants_that_are_known_take_a_round_trip_for_four(fleet, release, round_trips):
    fleet(*MANY)
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)

    advance_fleet(run.pk)

    # The first text may be for one whose like nobody has seen.
    assert sum(round_trips[-3:]) >= 10
    assert max(round_trips) == 4
    assert _states() == {("done", 1)}


def test_a_tenant_that_fails_among_others_is_quarantined_at_its_own_statement(fleet, release):
    fleet(*MANY)
    two_categories_of_one_icon(tenant("market-f").schema_name)
    before = read_catalog(tenant("market-f").schema_name)
    release(columns=COLUMN_AND_INDEX, several=SEVERAL_IN_ONE)

    report = migrate(canary_count=0)

    assert (report.state, report.migrated, list(report.failed)) == ("done", 11, ["market-f"])
    assert "by_icon" in move_of("market-f").sql
    assert "colour" not in move_of("market-f").sql
    assert read_catalog(tenant("market-f").schema_name).differences(before) == []
    assert _states() == {("done", 1), ("failed", 1)}


def test_who_was_claimed_with_a_tenant_that_fails_is_given_back_untouched(fleet, release):
    fleet(*MANY)
    two_categories_of_one_icon(tenant("market-c").schema_name)
    release(icon=UNIQUE_ICON)
    run = start(canaries=["market-c", "market-d", "market-e"])

    assert advance_fleet(run.pk) == "stopped"

    assert quarantined() == {"market-c"}
    assert (move_of("market-d").state, move_of("market-d").attempt) == ("pending", 0)
    assert (move_of("market-e").state, move_of("market-e").leased_until) == ("pending", None)


def test_drift_in_one_of_many_is_seen_in_its_own_transaction(fleet, release, monkeypatch):
    """It happens when its neighbours are through, and it is claimed already."""
    fleet(*MANY)
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    whole, drifting = engine.bring_along, tenant("market-f").schema_name

    def drift_and_bring(moves, plan, *, target):
        if drifting in [move.schema for move in moves]:
            execute(drifting, "ALTER TABLE catalog_service ADD IF NOT EXISTS by_hand int")
        return whole(moves, plan, target=target)

    monkeypatch.setattr(engine, "bring_along", drift_and_bring)
    advance_fleet_to_end(run.pk, connections=1)

    assert quarantined() == {"market-f"}
    assert "by_hand" in move_of("market-f").error
    assert execute(drifting, "SELECT to_regclass('service_colour')") == [(None,)]
    with platform_scope(reason="test"):
        assert FleetMove.objects.filter(state="done").count() == 11


@pytest.mark.control
def test_without_the_look_a_drifted_schema_would_be_replayed(fleet, release, monkeypatch):
    """Negative control: nothing else keeps the statements from a schema that they were not made for."""
    release(columns=COLUMN_AND_INDEX)
    run = start(canaries=["alpha"])
    execute(tenant("alpha").schema_name, "ALTER TABLE catalog_service ADD by_hand int")
    monkeypatch.setattr(quick, "known_glances", lambda _print: [fingerprint._glance(tenant("alpha").schema_name)])

    advance_fleet(run.pk, limit=1)

    assert move_of("alpha").state == "done"


def test_a_tenant_that_notes_what_it_does_not_have_is_left_to_the_careful_way(fleet, release):
    noted = "INSERT INTO django_migrations (app, name, applied) VALUES ('catalog', '0900_columns', now())"
    execute(tenant("beta").schema_name, noted)
    release(columns=COLUMN_AND_INDEX)

    migrate(canary_count=0)

    assert (tenant("alpha").schema_version, quarantined()) == (code_schema_version(), {"beta"})
    assert execute(tenant("beta").schema_name, "SELECT to_regclass('service_colour')") == [(None,)]


def test_a_pause_in_the_middle_leaves_the_rest_of_those_claimed_untouched(fleet, release, monkeypatch):
    fleet(*MANY)
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    whole = engine.bring_along

    def bring_and_pause(moves, plan, *, target):
        arrived = whole(moves, plan, target=target)
        pause_fleet_run(actor=SYSTEM, run_id=run.public_id)
        return arrived

    monkeypatch.setattr(engine, "bring_along", bring_and_pause)
    monkeypatch.setattr(engine, "_LONGEST_TURN", 0)
    monkeypatch.setattr(engine, "_TOGETHER", 1)
    assert advance_fleet_to_end(run.pk, connections=1) == "paused"
    monkeypatch.setattr(engine, "bring_along", whole)

    with platform_scope(reason="test"):
        assert FleetMove.objects.filter(state="done").count() == 1
        assert FleetMove.objects.filter(state="pending", attempt=0, leased_until=None).count() == 11
    resume_fleet_run(actor=SYSTEM, run_id=run.public_id)
    assert advance_fleet_to_end(run.pk, connections=1) == "done"


@pytest.mark.parametrize("many", [1, 3])
def test_no_more_are_claimed_than_were_asked_for_whatever_the_plan(fleet, release, many):
    """A plan may choose anew for each row: what it has just claimed is passed over then, and the next one chosen."""
    fleet(*MANY)
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    with platform_scope(reason="test"), connection.cursor() as cursor:
        for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize", "indexscan", "bitmapscan"):
            cursor.execute(f"SET enable_{way} = off")

    claimed = claim_moves(run.pk, many=many)

    assert len(claimed) == many


def test_what_is_given_back_after_somebody_else_took_it_stays_theirs(fleet, release):
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    stale = claim_moves(run.pk, many=16)
    with platform_scope(reason="test"):
        FleetMove.objects.update(leased_until=None)
    theirs = claim_moves(run.pk, many=16)

    moves.give_back(stale)

    assert len(stale) == 2
    assert [(move.pk, move.attempt) for move in theirs] == [(stale[0].pk, 2)]
    with platform_scope(reason="test"):
        assert FleetMove.objects.get(pk=theirs[0].pk).state == "running"


def test_who_arrived_by_a_text_whose_answer_was_lost_is_not_tried_again(fleet, release, monkeypatch):
    """The connection ends after the last COMMIT, and whoever sent the text is told nothing."""
    fleet("acme")
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    whole, lost = DatabaseWrapper.at_once, []

    def losing(self, given):
        done = whole(self, given)
        if done.error is None and "COMMIT" in given and not lost:
            lost.append(given.count("COMMIT"))
            return Outcome([], OperationalError("the connection was lost"))
        return done

    monkeypatch.setattr(DatabaseWrapper, "at_once", losing)
    assert advance_fleet_to_end(run.pk, connections=1) == "done"

    assert lost
    assert _states() == {("done", 1)}


def test_a_move_that_has_ended_is_ended_once(fleet, release):
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    first, second = claim_moves(run.pk, many=16)
    with platform_scope(reason="test"):
        FleetMove.objects.update(state="done")

    first.put_back("late", "")
    second.fail("late", "")

    assert _states() == {("done", 1)}
    assert quarantined() == set()


def test_a_glance_that_another_thread_learns_meanwhile_does_not_disturb(fleet, monkeypatch):
    """Comparing is when the interpreter may turn to another thread."""
    schema = tenant("alpha").schema_name

    class Meanwhile(str):
        __slots__ = ()

        def __eq__(self, other):
            fingerprint._prints["", "", str(len(fingerprint._prints))] = "another"
            return str(self) == other

        __hash__ = str.__hash__

    known = Meanwhile(quick_print(schema))
    monkeypatch.setattr(fingerprint, "_prints", {fingerprint._key("4:2"): known, fingerprint._key("4:3"): known})

    assert fingerprint.known_glances(str(known)) == ["4:2", "4:3"]


def test_the_neighbours_of_a_tenant_that_kills_its_worker_are_not_given_up_with_it(fleet, release):
    """Five workers die of the first: one of them with all others claimed."""
    fleet(*MANY)
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    for _death in range(moves.MAX_ATTEMPTS):
        claim_moves(run.pk, many=16)
        with platform_scope(reason="test"):
            FleetMove.objects.update(leased_until=None)

    state = advance_fleet_to_end(run.pk, connections=1)

    assert state == "done"
    assert len(quarantined()) == 1
    with platform_scope(reason="test"):
        assert FleetMove.objects.filter(state="done", attempt=2).count() == 11


def test_a_dropped_column_makes_another_glance_and_the_same_print(fleet):
    alpha, beta = tenant("alpha").schema_name, tenant("beta").schema_name
    whole = quick_print(alpha)

    execute(beta, "ALTER TABLE catalog_service ADD gone int; ALTER TABLE catalog_service DROP gone; CREATE TABLE kept (a int)")
    execute(beta, "ALTER TABLE kept ADD b int")
    execute(alpha, "CREATE TABLE kept (a int, c int, b int)")
    execute(alpha, "ALTER TABLE kept DROP c")

    assert fingerprint._glance(alpha) != fingerprint._glance(beta)
    assert quick_print(alpha) == quick_print(beta) != whole


def test_a_schema_changed_while_it_is_written_out_is_not_remembered(fleet, monkeypatch, nothing_known):
    schema, whole = tenant("alpha").schema_name, fingerprint._written_out

    def written_while_somebody_changes_it(name):
        text = whole(name)
        execute(name, "CREATE TABLE meanwhile (a int)")
        return text

    monkeypatch.setattr(fingerprint, "_written_out", written_while_somebody_changes_it)
    quick_print(schema)

    assert fingerprint._prints == {}


def test_who_goes_the_slow_road_is_claimed_alone(fleet, release, monkeypatch):
    """It takes seconds, and a lease is short."""
    fleet("acme")
    release(python=PYTHON)
    run = start(canary_count=0)
    seen, whole = [], moving._bring_slowly

    def look(work, plan):
        with platform_scope(reason="test"):
            seen.append(FleetMove.objects.filter(state="running").count())
        return whole(work, plan)

    monkeypatch.setattr(moving, "_bring_slowly", look)

    assert advance_fleet(run.pk) == "done"
    assert seen == [1, 1, 1]
