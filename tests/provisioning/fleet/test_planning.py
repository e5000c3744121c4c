"""What a plan says beforehand, and that what it does to a schema is what the real migrations do."""

import pytest
from django.db import transaction

from provisioning import pool
from provisioning.errors import PlanFailed
from provisioning.fleet import planning
from provisioning.fleet.enlisting import make_plans, versions_behind
from provisioning.fleet.fingerprint import quick_print
from provisioning.models import PooledSchema
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import template_script
from tenants.models import Tenant
from tenants.schemas import code_schema_version, migrate_schema, schema_for
from tenants.scope import platform_scope
from tests.provisioning.fleet.looking import execute, migrate, tenant
from tests.provisioning.fleet.releases import (
    COLUMN_AND_INDEX,
    COMPUTED_DEFAULT,
    CONCURRENT_INDEX,
    PYTHON,
    RAW_SQL,
    UNIQUE_ICON,
)

# As a migration, and as somebody's hand in one schema: each must show.
DAMAGES = [
    "DROP INDEX booking_provider_start",
    "ALTER TABLE bookings_booking DROP CONSTRAINT booking_after_free",
    "ALTER TABLE bookings_booking ALTER note DROP NOT NULL",
    "ALTER TABLE bookings_booking ALTER sequence SET DEFAULT 1",
    "ALTER TABLE catalog_service ALTER title TYPE varchar(121)",
    "ALTER TABLE catalog_service ADD extra int",
    "ALTER SEQUENCE bookings_booking_id_seq INCREMENT 2",
    "CREATE TYPE extra AS ENUM ('a')",
    "CREATE TABLE extra (id int)",
    "CREATE VIEW extra AS SELECT 1",
    "CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE INDEX extra ON catalog_service (lower(title)) WHERE title <> ''",
    "GRANT SELECT ON catalog_service TO PUBLIC",
    "GRANT USAGE ON SCHEMA {schema} TO PUBLIC",
    "ALTER SEQUENCE bookings_booking_id_seq START 7",
    "CREATE POLICY mine ON catalog_service USING (price_minor > 0)",
    "CREATE RULE nothing AS ON DELETE TO catalog_service DO INSTEAD NOTHING",
]
# Pairs: what is there before, and what changes it without changing its name.
CHANGES = [
    ("CREATE TYPE extra AS ENUM ('a')", "ALTER TYPE extra ADD VALUE 'b'"),
    (
        "CREATE POLICY mine ON catalog_service USING (price_minor > 0)",
        "ALTER POLICY mine ON catalog_service USING (price_minor > 1)",
    ),
    ("CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1'", "ALTER FUNCTION extra() SECURITY DEFINER"),
    ("CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1'", "ALTER FUNCTION extra() STABLE"),
    (
        "CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP FUNCTION extra(); CREATE FUNCTION extra() RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
    ),
    (
        (
            "CREATE TRIGGER extra BEFORE UPDATE ON catalog_service FOR EACH ROW WHEN (NEW.price_minor > 0)"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ),
        (
            "CREATE OR REPLACE TRIGGER extra BEFORE UPDATE ON catalog_service FOR EACH ROW WHEN (NEW.price_minor > 1)"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ),
    ),
    (
        "CREATE RULE extra AS ON DELETE TO catalog_service WHERE OLD.price_minor > 0 DO INSTEAD NOTHING",
        "CREATE OR REPLACE RULE extra AS ON DELETE TO catalog_service WHERE OLD.price_minor > 1 DO INSTEAD NOTHING",
    ),
    (
        "CREATE TABLE one (a int UNIQUE, b int UNIQUE); CREATE TABLE two (a int CONSTRAINT to_one REFERENCES one (a))",
        "ALTER TABLE two DROP CONSTRAINT to_one; ALTER TABLE two ADD CONSTRAINT to_one FOREIGN KEY (a) REFERENCES one (b)",
    ),
    ("CREATE TABLE one (a int); CREATE SEQUENCE extra", "ALTER SEQUENCE extra OWNED BY one.a"),
    (
        "CREATE TABLE one (a int, b int)",
        "ALTER TABLE one DROP a; ALTER TABLE one ADD a int",
    ),
]


@pytest.mark.parametrize(
    ("bodies", "roads"),
    [
        ({"columns": COLUMN_AND_INDEX}, ["replay"]),
        ({"sql": RAW_SQL}, ["replay"]),
        ({"columns": COLUMN_AND_INDEX, "icon": UNIQUE_ICON}, ["replay"]),
        ({"columns": COLUMN_AND_INDEX, "python": PYTHON, "icon": UNIQUE_ICON}, ["replay", "executor", "replay"]),
        ({"concurrent": CONCURRENT_INDEX}, ["executor"]),
        ({"token": COMPUTED_DEFAULT}, ["executor"]),
    ],
    ids=["column and index", "sql", "two", "python between", "concurrently", "computed default"],
)
def test_a_migrated_fleet_has_the_schemas_that_the_migrations_make(fleet, release, bodies, roads):
    fleet("acme")
    release(**bodies)

    (plan,) = make_plans().values()
    report = migrate()

    assert [stage.road for stage in plan.stages] == roads
    assert (report.migrated, report.failed) == (3, {})
    migrated = schema_for(tenant("beta").pk)
    fresh = f"t_{'0' * 32}"
    migrate_schema(fresh)
    for slug in ("acme", "alpha"):
        assert read_catalog(tenant(slug).schema_name).differences(read_catalog(fresh)) == []
    assert quick_print(migrated) == quick_print(fresh)
    noted = "SELECT app, name FROM django_migrations ORDER BY 1, 2"
    assert execute(tenant("acme").schema_name, noted) == execute(fresh, noted)
    assert {row.schema_version for row in (tenant("acme"), tenant("alpha"), tenant("beta"))} == {code_schema_version()}


def test_python_and_computed_defaults_run_in_each_tenant_on_its_own(fleet, release):
    acme, kiln = fleet("acme", "kiln")
    for row, name in ((acme, "Lamps"), (kiln, "Pots")):
        columns = "(public_id, name, slug, description, icon, position)"
        execute(row.schema_name, f"INSERT INTO catalog_category {columns} VALUES (gen_random_uuid(), '{name}', 'a', '', '', 0)")
    release(python=PYTHON)

    migrate()

    assert execute(acme.schema_name, "SELECT name FROM catalog_category") == [("Lamps!",)]
    assert execute(kiln.schema_name, "SELECT name FROM catalog_category") == [("Pots!",)]


def test_the_plan_says_why_something_goes_the_slow_road(fleet, release):
    release(concurrent=CONCURRENT_INDEX, python=PYTHON, token=COMPUTED_DEFAULT)

    (plan,) = make_plans().values()

    assert plan.is_slow
    assert [reason for stage in plan.stages for reason in stage.reasons] == [
        "catalog.0900_concurrent AddIndexConcurrently cannot run in a transaction",
        "catalog.0900_concurrent is not atomic",
        "catalog.0901_python runs Python",
        "catalog.0902_token the default of service.token is computed",
    ]


def test_a_plan_touches_no_tenant(fleet, release):
    before = {slug: quick_print(tenant(slug).schema_name) for slug in ("alpha", "beta")}
    release(columns=COLUMN_AND_INDEX)

    make_plans()

    assert {slug: quick_print(tenant(slug).schema_name) for slug in ("alpha", "beta")} == before
    with platform_scope(reason="test"):
        assert set(Tenant.objects.values_list("schema_version", flat=True)) != {code_schema_version()}


def test_a_plan_tries_on_a_ready_schema_and_leaves_it_as_it_was(fleet, release, monkeypatch):
    pool.fill(1)
    with platform_scope(reason="test"):
        ready = schema_for(PooledSchema.objects.get().tenant_id)
    old, whole, tried = code_schema_version(), quick_print(ready), []
    note = planning.record_migrations
    monkeypatch.setattr(planning, "record_migrations", lambda schema, labels: (tried.append(schema), note(schema, labels)))
    release(columns=COLUMN_AND_INDEX)

    (plan,) = make_plans().values()

    assert (tried, plan.is_one_replay) == ([ready], True)
    assert quick_print(ready) == whole
    with transaction.atomic():
        assert schema_for(pool.claim(old)) == ready


def test_a_migration_that_fails_on_an_empty_schema_is_nobodys_migration(fleet, release):
    release(broken='    operations = [migrations.RunSQL("SELECT * FROM nowhere")]\n')

    with pytest.raises(PlanFailed, match="nowhere"):
        make_plans()


def test_a_plan_that_leads_elsewhere_than_the_migrations_is_none(fleet, release, monkeypatch):
    release(columns=COLUMN_AND_INDEX)
    whole = planning._collected
    monkeypatch.setattr(planning, "_collected", lambda *given: whole(*given)[:-1])

    with pytest.raises(PlanFailed, match="only there: indexes: catalog_service service_colour"):
        make_plans()


def test_who_is_behind_is_one_statement_however_many_there_are(fleet, release, django_assert_num_queries):
    fleet("acme", "kiln")
    release(columns=COLUMN_AND_INDEX)

    with platform_scope(reason="test"), django_assert_num_queries(1):
        assert list(versions_behind().values()) == [4]


def test_code_that_was_put_back_leaves_newer_schemas_alone(fleet, release, tmp_path):
    from tests.provisioning.fleet.releases import released

    with released(tmp_path, {"0900_columns": COLUMN_AND_INDEX}):
        migrate()

    (plan,) = make_plans().values()

    assert plan.is_ahead


def test_a_schema_that_notes_what_was_squashed_since_is_not_ahead(fleet, release):
    """The squashed ones are gone from this release, and stand in `replaces`."""
    release(
        columns="    replaces = [('catalog', '0900_first'), ('catalog', '0901_second')]\n" + COLUMN_AND_INDEX,
    )
    schema = tenant("alpha").schema_name
    assert not planning._is_ahead(schema, planning._migrations(schema))
    execute(schema, "INSERT INTO django_migrations (app, name, applied) VALUES ('catalog', '0900_first', now())")

    assert not planning._is_ahead(schema, planning._migrations(schema))
    execute(schema, "INSERT INTO django_migrations (app, name, applied) VALUES ('catalog', '0999_newer', now())")
    assert planning._is_ahead(schema, planning._migrations(schema))


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_quick_fingerprint_sees_what_the_catalog_sees(fleet, damage):
    (acme,) = fleet("acme")
    whole = quick_print(tenant("alpha").schema_name)
    assert quick_print(acme.schema_name) == whole

    execute(acme.schema_name, damage.format(schema=acme.schema_name))

    assert quick_print(acme.schema_name) != whole
    assert read_catalog(acme.schema_name).differences(read_catalog(tenant("alpha").schema_name))


@pytest.mark.parametrize(("before", "change"), CHANGES)
def test_both_looks_see_a_change_that_leaves_the_name(fleet, before, change):
    alpha, beta = tenant("alpha").schema_name, tenant("beta").schema_name
    for schema in (alpha, beta):
        execute(schema, before)
    assert quick_print(alpha) == quick_print(beta)
    assert read_catalog(alpha).differences(read_catalog(beta)) == []

    execute(alpha, change)

    assert quick_print(alpha) != quick_print(beta)
    assert read_catalog(alpha).differences(read_catalog(beta))


def test_the_template_of_the_release_is_built_before_anybody_is_touched(fleet, release):
    old = template_script()
    release(columns=COLUMN_AND_INDEX)

    make_plans()

    assert "colour" in template_script()
    assert "colour" not in old
