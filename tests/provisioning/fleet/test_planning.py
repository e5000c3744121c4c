"""What a plan says beforehand, and that what it does to a schema is what the real migrations do."""

import pytest

from provisioning.errors import PlanFailed
from provisioning.fleet.enlisting import make_plans, versions_behind
from provisioning.fleet.fingerprint import quick_print
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


def test_a_migration_that_fails_on_an_empty_schema_is_nobodys_migration(fleet, release):
    release(broken='    operations = [migrations.RunSQL("SELECT * FROM nowhere")]\n')

    with pytest.raises(PlanFailed, match="nowhere"):
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


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_quick_fingerprint_sees_what_the_catalog_sees(fleet, damage):
    (acme,) = fleet("acme")
    whole = quick_print(tenant("alpha").schema_name)
    assert quick_print(acme.schema_name) == whole

    execute(acme.schema_name, damage)

    assert quick_print(acme.schema_name) != whole


def test_the_template_of_the_release_is_built_before_anybody_is_touched(fleet, release):
    old = template_script()
    release(columns=COLUMN_AND_INDEX)

    make_plans()

    assert "colour" in template_script()
    assert "colour" not in old
