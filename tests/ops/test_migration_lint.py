"""The migrations rule finds what breaks old code on a new schema, and nothing else."""

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from ops.lint.migration_rules import BIG_TABLES
from ops.lint.migrations import check_all, check_migration

_SERVICE = "service"
_BOOKING = "booking"


def _sends_sql(_apps, editor) -> None:
    editor.execute("DROP TABLE catalog_service")


class _RunSQLOfSomebody(migrations.RunSQL):
    """An operation of a package, derived from one that is known."""


class _SomethingNew(Operation):
    """An operation that nobody has thought of."""

    def state_forwards(self, app_label, state) -> None:
        pass


REFUSED = [
    ("FLEET01", migrations.RemoveField(_SERVICE, "title")),
    ("FLEET01", migrations.DeleteModel("Service")),
    ("FLEET02", migrations.RenameField(_SERVICE, "title", "name")),
    ("FLEET02", migrations.RenameModel("Service", "Offer")),
    ("FLEET02", migrations.AlterModelTable("Service", "offers")),
    ("FLEET02", migrations.AlterField(_SERVICE, "title", models.CharField(max_length=120, db_column="name"))),
    ("FLEET03", migrations.AddField(_SERVICE, "colour", models.CharField(max_length=7))),
    # Django writes its own default into the rows that are there, and drops it again: the next insert of old code fails.
    ("FLEET03", migrations.AddField(_SERVICE, "colour", models.CharField(max_length=7, default=""))),
    ("FLEET03", migrations.AlterField(_SERVICE, "note", models.TextField())),
    ("FLEET04", migrations.AlterField(_SERVICE, "price", models.BigIntegerField())),
    ("FLEET04", migrations.AlterField(_SERVICE, "title", models.CharField(max_length=80))),
    ("FLEET05", migrations.AddIndex(_BOOKING, models.Index(fields=["note"], name="by_note"))),
    ("FLEET05", migrations.AddConstraint(_BOOKING, models.UniqueConstraint(fields=["note"], name="one_note"))),
    ("FLEET05", migrations.AddField(_BOOKING, "code", models.CharField(max_length=9, null=True, unique=True))),
    ("FLEET05", migrations.AlterField(_BOOKING, "note", models.TextField(null=True, db_index=True))),
    ("FLEET05", migrations.RunSQL("CREATE INDEX by_note ON bookings_booking (note)", "DROP INDEX by_note")),
    ("FLEET06", migrations.RunPython(lambda _apps, _editor: None)),
    ("FLEET06", migrations.RunSQL("SELECT 1")),
    ("FLEET07", migrations.RunSQL("ALTER TABLE catalog_service DROP COLUMN title", migrations.RunSQL.noop)),
    ("FLEET07", migrations.RunSQL("ALTER TABLE catalog_service RENAME TO offers", migrations.RunSQL.noop)),
    ("FLEET07", migrations.RunSQL(["ALTER TABLE a ALTER b TYPE bigint"], migrations.RunSQL.noop)),
    # Who leaves a nullable field empty inserts NULL, whatever the database's default.
    ("FLEET03", migrations.AlterField(_SERVICE, "note", models.TextField(db_default=""))),
    ("FLEET03", migrations.AlterField(_SERVICE, "rank", models.IntegerField(default=0))),
    ("FLEET03", migrations.AlterOrderWithRespectTo("Service", "price")),
    ("FLEET03", migrations.AddConstraint(_SERVICE, models.CheckConstraint(condition=models.Q(note=""), name="quiet"))),
    ("FLEET01", migrations.RemoveConstraint(_SERVICE, "one_title")),
    ("FLEET05", migrations.AlterUniqueTogether("Booking", {("note", "id")})),
    ("FLEET05", migrations.RunSQL("UPDATE bookings_booking SET note = ''", migrations.RunSQL.noop)),
    ("FLEET07", migrations.RunSQL("DROP VIEW offers", migrations.RunSQL.noop)),
    ("FLEET07", migrations.RunSQL("DROP SCHEMA extra CASCADE", migrations.RunSQL.noop)),
    ("FLEET07", migrations.RunSQL("DROP FUNCTION price_of(int)", migrations.RunSQL.noop)),
    ("FLEET07", migrations.RunSQL("ALTER TABLE catalog_service DROP CONSTRAINT one_title", migrations.RunSQL.noop)),
    ("FLEET07", migrations.RunSQL("ALTER TABLE catalog_service ALTER title DROP DEFAULT", migrations.RunSQL.noop)),
    ("FLEET07", migrations.RunPython(_sends_sql, migrations.RunPython.noop)),
    ("FLEET07", _RunSQLOfSomebody("DROP VIEW offers", migrations.RunSQL.noop)),
    (
        "FLEET08",
        migrations.RunSQL(
            "CREATE FUNCTION spy() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", migrations.RunSQL.noop
        ),
    ),
    ("FLEET10", _SomethingNew()),
    ("FLEET13", migrations.RunSQL("CREATE INDEX CONCURRENTLY by_title ON catalog_service (title)", migrations.RunSQL.noop)),
    ("FLEET01", migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField(_SERVICE, "title")])),
]
FINE = [
    migrations.AddField(_SERVICE, "colour", models.CharField(max_length=7, default="", db_default="")),
    migrations.AddField(_SERVICE, "colour", models.CharField(max_length=7, null=True)),
    migrations.AlterField(_SERVICE, "title", models.CharField(max_length=200)),
    migrations.AlterField(_SERVICE, "title", models.TextField()),
    migrations.AlterField(_SERVICE, "title", models.CharField(max_length=120, help_text="new")),
    migrations.AddIndex(_SERVICE, models.Index(fields=["title"], name="by_title")),
    migrations.AlterModelOptions("Service", {"ordering": ["title"]}),
    migrations.RemoveConstraint(_SERVICE, "cheap"),
    migrations.RunSQL("UPDATE bookings_booking SET note = '' WHERE id < 1000", migrations.RunSQL.noop),
    migrations.RunSQL("UPDATE catalog_service SET note = ''", migrations.RunSQL.noop),
    migrations.RunSQL(
        "CREATE FUNCTION doors.open() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", migrations.RunSQL.noop
    ),
    AddIndexConcurrently(_BOOKING, models.Index(fields=["note"], name="by_note")),
    migrations.RunPython(lambda _apps, _editor: None, migrations.RunPython.noop),
    migrations.RunSQL("CREATE INDEX by_title ON catalog_service (title)", "DROP INDEX by_title"),
    migrations.CreateModel("Label", [("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())]),
]


def _migration(*operations, app: str = "catalog", **marks: object) -> migrations.Migration:
    migration = migrations.Migration("0002_next", app)
    migration.operations = list(operations)
    for name, value in marks.items():
        setattr(migration, name, value)
    return migration


def _state() -> ProjectState:
    state = ProjectState()
    key = ("id", models.BigAutoField(primary_key=True))
    note = ("note", models.TextField(null=True))
    rank = ("rank", models.IntegerField(default=0, db_default=0))
    service = [key, note, rank, ("title", models.CharField(max_length=120)), ("price", models.IntegerField())]
    constraints = [
        models.UniqueConstraint(fields=["title"], name="one_title"),
        models.CheckConstraint(condition=models.Q(price__lt=9), name="cheap"),
    ]
    state.add_model(ModelState("catalog", "Service", service, {"constraints": constraints}))
    state.add_model(ModelState("bookings", "Booking", [key, note]))
    return state


def _app_of(operation) -> str:
    of_bookings = {getattr(operation, "model_name", ""), getattr(operation, "name", "")} & {_BOOKING, "Booking"}
    return "bookings" if of_bookings else "catalog"


@pytest.mark.parametrize(("code", "operation"), REFUSED)
def test_what_breaks_old_code_is_found(code, operation):
    found = check_migration(_migration(operation, app=_app_of(operation)), _state())

    assert {finding.code for finding in found} == {code}


@pytest.mark.parametrize("operation", FINE)
def test_what_only_adds_is_left_alone(operation):
    assert check_migration(_migration(operation, app=_app_of(operation)), _state()) == []


def test_the_contract_half_of_an_expansion_may_take_away():
    contract = _migration(migrations.RemoveField(_SERVICE, "title"), expansion="catalog.0001_initial")

    assert check_migration(contract, _state(), earlier=["catalog.0001_initial"]) == []


def test_an_expansion_that_is_not_there_excuses_nothing():
    contract = _migration(migrations.RemoveField(_SERVICE, "title"), expansion="catalog.0001_forgotten")

    found = check_migration(contract, _state(), earlier=["catalog.0001_initial"])

    assert [finding.code for finding in found] == ["FLEET01", "FLEET09"]


def test_an_expansion_does_not_excuse_a_lock_on_a_big_table():
    index = migrations.AddIndex(_BOOKING, models.Index(fields=["note"], name="by_note"))
    contract = _migration(index, app="bookings", expansion="bookings.0001_initial")

    (found,) = check_migration(contract, _state(), earlier=["bookings.0001_initial"])

    assert found.code == "FLEET05"


def test_a_table_that_the_migration_made_itself_is_nobodys_yet():
    made = migrations.CreateModel("Label", [("id", models.BigAutoField(primary_key=True))])
    filled = migrations.AddField("label", "text", models.TextField())

    assert check_migration(_migration(made, filled), _state()) == []


def test_a_migration_that_is_not_atomic_does_one_thing():
    two = [AddIndexConcurrently(_SERVICE, models.Index(fields=[name], name=f"by_{name}")) for name in ("title", "note")]

    (found,) = check_migration(_migration(*two, atomic=False), _state())

    assert found.code == "FLEET11"
    assert check_migration(_migration(two[0], atomic=False), _state()) == []


def test_a_mark_that_the_code_has_caught_up_with_is_refused():
    prepared = _migration(migrations.AddField(_SERVICE, "colour", models.CharField(null=True)), ahead_of_code=True)

    assert check_migration(prepared, _state(), is_last=True) == []
    (found,) = check_migration(prepared, _state(), is_last=False)
    assert found.code == "FLEET12"


def test_a_new_migration_of_a_package_is_looked_at_too():
    found = check_all(MigrationLoader(None), seen=())

    assert {"contenttypes", "mfa"} <= {finding.migration.split(".")[0] for finding in found}


def test_the_big_tables_exist():
    tables = {model._meta.db_table for model in apps.get_models()}

    assert tables >= BIG_TABLES


def test_no_migration_of_ours_breaks_the_version_before():
    assert [str(finding) for finding in check_all(MigrationLoader(None))] == []
