"""Who may do what in the database: the whole list, and one right too many or too few is found."""

import pytest
from django.db import connection, transaction

from kernel.ids import new_id
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import template_script
from tenants.roles import app_role, owner_role, platform_role
from tenants.schemas import migrate_schema, schema_for
from tenants.scope import owner_scope, schema_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.tenants.grants import expected_grants, expected_powers_of_owners, grants, powers_of_owners

pytestmark = [pytest.mark.proves("isolation.wall"), pytest.mark.django_db]
ALPHA, BETA = f"t_{ALPHA_ID.hex}", f"t_{BETA_ID.hex}"
TOO_MANY = [
    f"GRANT SELECT ON public.tenants_tenant TO {ALPHA}",
    f"GRANT SELECT (slug) ON public.tenants_tenant TO {ALPHA}",
    f"GRANT CREATE ON SCHEMA doors TO {ALPHA}",
    f"GRANT USAGE ON SCHEMA {BETA} TO {ALPHA}",
    f"GRANT CREATE ON SCHEMA {ALPHA} TO {ALPHA}",
    f"GRANT SELECT ON {BETA}.accounts_user TO {ALPHA}",
    f"GRANT TRUNCATE ON {ALPHA}.accounts_user TO {ALPHA}",
    f"GRANT UPDATE ON SEQUENCE {ALPHA}.accounts_user_id_seq TO {ALPHA}",
    f"GRANT SELECT ON ALL TABLES IN SCHEMA {ALPHA} TO PUBLIC",
    f"GRANT SELECT ON {ALPHA}.accounts_user TO {{platform}}",
    f"GRANT {BETA} TO {ALPHA}",
    f"GRANT {BETA} TO {{app}} WITH INHERIT TRUE",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA {BETA} GRANT SELECT ON TABLES TO {ALPHA}",
    f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {ALPHA}",
    f"ALTER ROLE {ALPHA} LOGIN",
    f"ALTER ROLE {ALPHA} CREATEROLE",
    f"ALTER ROLE {ALPHA} INHERIT",
    "CREATE FUNCTION doors.another() RETURNS int LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION doors.another TO PUBLIC",
]

_ADMITTED = f"GRANT CREATE ON SCHEMA {ALPHA} TO {ALPHA}; GRANT {ALPHA} TO {{owner}} WITH SET TRUE;"
TOO_POWERFUL = [
    f"{_ADMITTED} ALTER TABLE {ALPHA}.catalog_service OWNER TO {ALPHA}",
    f"{_ADMITTED} CREATE TYPE {ALPHA}.mood AS ENUM ('fine'); ALTER TYPE {ALPHA}.mood OWNER TO {ALPHA}",
    f"{_ADMITTED} ALTER SCHEMA {ALPHA} OWNER TO {ALPHA}",
    f"CREATE FUNCTION {ALPHA}.spy() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "CREATE FUNCTION doors.spy() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    f"CREATE VIEW {ALPHA}.spy AS SELECT slug FROM public.tenants_tenant",
]


def as_owner(statement: str) -> None:
    names = {"platform": platform_role(), "app": app_role(), "owner": owner_role()}
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(statement.format(**names))


def test_everybody_may_do_what_the_decision_says_and_nothing_else():
    found = grants()

    assert sorted(found - expected_grants()) == []
    assert sorted(expected_grants() - found) == []
    assert len(found) > 300


@pytest.mark.control
@pytest.mark.parametrize("statement", TOO_MANY)
def test_one_right_too_many_is_found(statement):
    as_owner(statement)

    assert grants() - expected_grants()


def test_everything_is_the_owners_and_only_the_door_lends_its_rights():
    assert powers_of_owners() == expected_powers_of_owners()


@pytest.mark.parametrize("statement", TOO_POWERFUL)
def test_one_owner_or_lender_of_rights_too_many_is_found(statement):
    as_owner(statement)

    assert powers_of_owners() - expected_powers_of_owners()


@pytest.mark.control
@pytest.mark.parametrize(
    "statement",
    [
        f"REVOKE SELECT ON {ALPHA}.accounts_user FROM {ALPHA}",
        f"REVOKE USAGE ON SCHEMA {ALPHA} FROM {ALPHA}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {ALPHA} REVOKE INSERT ON TABLES FROM {ALPHA}",
        "REVOKE INSERT ON public.audit_auditentry FROM {platform}",
    ],
)
def test_one_right_too_few_is_found(statement):
    as_owner(statement)

    assert expected_grants() - grants()


@pytest.mark.parametrize("make", ["replayed", "migrated"])
def test_a_new_schema_comes_with_its_rights_however_it_is_made(make):
    schema = schema_for(new_id())
    if make == "replayed":
        with owner_scope(reason="test"), transaction.atomic():
            run_script(template_script(), schema)
    else:
        migrate_schema(schema)

    assert grants() == expected_grants()
    assert ("table", f"{schema}.accounts_user", schema, "SELECT") in grants()


def test_what_a_later_migration_makes_comes_with_its_rights():
    with schema_scope(ALPHA, reason="test"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (id bigserial PRIMARY KEY)")
        cursor.execute("CREATE FUNCTION later_too() RETURNS int LANGUAGE sql AS 'SELECT 1'")

    assert grants() == expected_grants()
    assert ("table", f"{ALPHA}.later", ALPHA, "INSERT") in grants()
