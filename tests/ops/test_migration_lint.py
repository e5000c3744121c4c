"""The migrations rule finds what breaks old code on a new schema, and nothing else."""

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from ops.lint.migrations import BIG_TABLES, check_all, check_migration

_SERVICE = "service"
_BOOKING = "booking"

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
    ("FLEET01", migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField(_SERVICE, "title")])),
]
FINE = [
    migrations.AddField(_SERVICE, "colour", models.CharField(max_length=7, default="", db_default="")),
    migrations.AddField(_SERVICE, "colour", models.CharField(max_length=7, null=True)),
    migrations.AlterField(_SERVICE, "title", models.CharField(max_length=200)),
    migrations.AlterField(_SERVICE, "title", models.TextField()),
    migrations.AlterField(_SERVICE, "title", models.CharField(max_length=120, help_text="new")),
    migrations.AddIndex(_SERVICE, models.Index(fields=["title"], name="by_title")),
    migrations.AddConstraint(_BOOKING, models.CheckConstraint(condition=models.Q(note=""), name="quiet")),
    AddIndexConcurrently(_BOOKING, models.Index(fields=["note"], name="by_note")),
    migrations.RunPython(lambda _apps, _editor: None, migrations.RunPython.noop),
    migrations.RunSQL("CREATE INDEX by_title ON catalog_service (title)", "DROP INDEX by_title"),
    migrations.CreateModel("Label", [("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())]),
]


def _migration(*operations, app: str = "catalog", **marks: str) -> migrations.Migration:
    migration = migrations.Migration("0002_next", app)
    migration.operations = list(operations)
    for name, value in marks.items():
        setattr(migration, name, value)
    return migration


def _state() -> ProjectState:
    state = ProjectState()
    key = ("id", models.BigAutoField(primary_key=True))
    note = ("note", models.TextField(null=True))
    service = [key, note, ("title", models.CharField(max_length=120)), ("price", models.IntegerField())]
    state.add_model(ModelState("catalog", "Service", service))
    state.add_model(ModelState("bookings", "Booking", [key, note]))
    return state


def _app_of(operation) -> str:
    return "bookings" if getattr(operation, "model_name", "") == _BOOKING else "catalog"


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


def test_the_big_tables_exist():
    tables = {model._meta.db_table for model in apps.get_models()}

    assert tables >= BIG_TABLES


def test_no_migration_of_ours_breaks_the_version_before():
    assert [str(finding) for finding in check_all(MigrationLoader(None))] == []
