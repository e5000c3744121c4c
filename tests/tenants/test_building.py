"""Building the wall: in an old database, twice, by a login that may not, and what is left of a role when its schema goes."""

from collections.abc import Callable, Generator

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from kernel.ids import new_id
from ops.local.databases import copied_database
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import template_script
from tenants.errors import WallIncomplete
from tenants.roles import create_role_sql, owner_role, platform_role
from tenants.schemas import create_schema, drop_schema, schema_for
from tenants.scope import owner_scope, platform_scope
from tenants.wall import admin_connection, build_wall
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.tenants.grants import expected_grants, grants

pytestmark = pytest.mark.proves("isolation.wall")

ALPHA, BETA = f"t_{ALPHA_ID.hex}", f"t_{BETA_ID.hex}"


def by_admin(statement: str) -> list[tuple]:
    with admin_connection() as admin:
        cursor = admin.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def role_exists(role: str) -> bool:
    return by_admin(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'") != []


def can_sign_in(role: str) -> bool:
    return by_admin(f"SELECT rolcanlogin FROM pg_roles WHERE rolname = '{role}'") == [(True,)]


@pytest.fixture
def as_before_the_wall(own_database) -> None:
    """The database as an installation from before the wall has it: all of it belongs to its superuser, nobody has rights."""
    superuser = django_settings.ADMIN_DATABASE["USER"]
    by_admin(f"REASSIGN OWNED BY {owner_role()} TO {superuser}; DROP OWNED BY {platform_role()}")
    for (schema,) in by_admin("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_'"):
        by_admin(f'DROP OWNED BY "{schema}"')
    by_admin(f'GRANT ALL ON DATABASE "{own_database}" TO PUBLIC; GRANT ALL ON SCHEMA public TO PUBLIC')


def test_an_old_installation_gets_the_wall(as_before_the_wall):
    build_wall()

    assert grants() == expected_grants()
    assert by_admin("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname ~ '^(t_|public|template_)'") == [
        (owner_role(),)
    ]


@pytest.mark.control
def test_before_that_nobody_gets_into_a_tenant(as_before_the_wall):
    """Negative control of the fixture above."""
    with owner_scope(reason="test"), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(f"SELECT 1 FROM {ALPHA}.accounts_user")


def test_building_again_changes_nothing_and_needs_no_administrator(own_database, settings):
    settings.ADMIN_DATABASE = django_settings.DATABASES["default"]
    before = grants()

    build_wall()

    assert grants() == before


def test_a_login_that_may_not_build_is_told_what_is_missing_and_what_to_run(own_database, settings):
    by_admin("DROP EXTENSION citext; REVOKE USAGE ON SCHEMA doors FROM PUBLIC")
    settings.ADMIN_DATABASE = django_settings.DATABASES["default"]

    with pytest.raises(WallIncomplete) as refusal:
        build_wall()

    told = str(refusal.value)
    assert "CREATE EXTENSION citext SCHEMA extensions;" in told
    assert "GRANT USAGE ON SCHEMA doors TO PUBLIC;" in told
    assert "unaccent" not in told


def test_set_up_passes_that_on(own_database, settings):
    by_admin("DROP EXTENSION citext")
    settings.ADMIN_DATABASE = django_settings.DATABASES["default"]

    with pytest.raises(CommandError, match="CREATE EXTENSION citext"):
        call_command("setup")


@pytest.fixture
def another_database(own_database) -> Generator[Callable[..., None]]:
    """Lets the settings name another database. Put back before `own_database` ends, which would else be named for ever."""
    with pytest.MonkeyPatch.context() as patch:

        def name(**values: str) -> None:
            for key, value in values.items():
                patch.setitem(django_settings.DATABASES["default"], key, value)

        yield name


@pytest.fixture
def administrator(own_database, settings, another_database) -> Generator[Callable[[str], str]]:
    """Has set-up sign in as somebody who may make roles, for a new database of their name, with the right that is given.

    A prefix gives an installation roles of its own beside another's in the same cluster.
    """
    name = f"stoa_adm_{new_id().hex[-12:]}"
    superuser = settings.ADMIN_DATABASE

    def appear(right: str) -> str:
        for statement in ("CREATE ROLE {0} LOGIN CREATEROLE", "CREATE DATABASE {0}", right):
            by_admin(statement.format(name))
        another_database(NAME=name, USER=f"{name}_web", PASSWORD="it's long")
        settings.DATABASE_ROLE_PREFIX = name
        settings.ADMIN_DATABASE = {"USER": name, "PASSWORD": ""}
        return name

    yield appear
    settings.ADMIN_DATABASE = superuser
    with admin_connection("postgres") as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        for role in ("_web", "_app", "_platform", "_owner", ""):
            admin.execute(f'DROP ROLE IF EXISTS "{name}{role}"'.encode())


def test_an_ordinary_administrator_who_may_make_roles_is_enough(administrator):
    """As managed servers have it: no superuser, but the database's owner, with CREATEROLE."""
    name = administrator("ALTER DATABASE {0} OWNER TO {0}")

    build_wall()
    build_wall()

    roles = by_admin(f"SELECT rolname::text FROM pg_roles WHERE starts_with(rolname, '{name}') ORDER BY 1")
    assert [role.removeprefix(name) for (role,) in roles] == ["", "_app", "_owner", "_platform", "_web"]


def test_a_right_that_postgresql_only_warns_about_counts_as_missing(administrator):
    """Who does not own the database may hand on nothing of it; PostgreSQL warns, and says GRANT all the same."""
    administrator("GRANT CREATE ON DATABASE {0} TO {0}")

    with pytest.raises(WallIncomplete, match="nobody but the application may enter the database"):
        build_wall()


# --- roles come and go with their schemas


def test_a_replay_that_is_rolled_back_leaves_no_role(own_database):
    schema = schema_for(new_id())
    with transaction.atomic():
        run_script(template_script(), schema)
        transaction.set_rollback(True)

    assert not role_exists(schema)


def test_a_schema_that_is_dropped_takes_its_role_along(own_database):
    schema = schema_for(new_id())
    with transaction.atomic():
        run_script(template_script(), schema)
    assert role_exists(schema)

    drop_schema(schema)
    drop_schema(schema)

    assert not role_exists(schema)


def test_a_role_that_a_copy_of_the_database_needs_stays(own_database):
    drop_schema(ALPHA)

    assert role_exists(ALPHA)


def test_the_roles_of_a_database_that_is_dropped_go_too(own_database):
    schema = schema_for(new_id())
    with copied_database(own_database, f"{own_database}_copy"):
        create_schema(schema)
        assert role_exists(schema)

    assert not role_exists(schema)
    assert role_exists(ALPHA)


def test_roles_may_sign_in_where_the_setting_says_so_and_the_door_knows_them(own_database, settings):
    """For Citus, whose nodes open connections to each other as the current role."""
    settings.TENANT_ROLES_MAY_LOGIN = True
    tenant_id = new_id()
    schema = schema_for(tenant_id)
    create_schema(schema)
    database = settings.DATABASES["default"]
    by_admin(f'GRANT CONNECT ON DATABASE "{own_database}" TO "{schema}"')

    with psycopg.connect(
        host=database["HOST"], port=database["PORT"], user=schema, dbname=own_database, autocommit=True
    ) as node:
        node.execute("SELECT doors.publish_event(gen_random_uuid(), 'x', 'x', '{}', now())")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            node.execute(f"SELECT 1 FROM {ALPHA}.accounts_user".encode())

    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id FROM outbox_message")
        assert cursor.fetchall() == [(tenant_id,)]


@pytest.mark.parametrize("may", [True, False])
def test_building_again_has_roles_that_are_there_sign_in_as_the_setting_says(own_database, settings, may):
    by_admin(f"DROP SCHEMA {ALPHA} CASCADE; DROP SCHEMA {BETA} CASCADE")  # the twins' roles are other databases' too
    schema, elsewhere = schema_for(new_id()), schema_for(new_id())
    settings.TENANT_ROLES_MAY_LOGIN = not may
    create_schema(schema)
    by_admin(create_role_sql(elsewhere))
    settings.TENANT_ROLES_MAY_LOGIN = may
    try:
        build_wall()

        assert can_sign_in(schema) is may
        # A role without a schema in this database is another installation's.
        assert can_sign_in(elsewhere) is not may
    finally:
        by_admin(f'DROP ROLE "{elsewhere}"')


# --- the application's login


def test_a_login_for_pages_alone_steps_into_tenants_and_not_into_the_owner(own_database, settings):
    """What docs/how-to/database-roles.md says of a web process that can do no DDL; set-up makes its login."""
    login = f"stoa_pages_{new_id().hex[-12:]}"
    settings.PAGES_DATABASE = {"USER": login, "PASSWORD": ""}
    server = django_settings.DATABASES["default"]
    try:
        build_wall()
        build_wall()

        with psycopg.connect(
            host=server["HOST"], port=server["PORT"], user=login, dbname=own_database, autocommit=True
        ) as pages:
            for role in (ALPHA, platform_role()):
                pages.execute(f'SET ROLE "{role}"'.encode())
            pages.execute(b"SELECT 1 FROM public.tenants_tenant")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                pages.execute(f"SET ROLE {owner_role()}".encode())
    finally:
        by_admin(f'REVOKE CONNECT ON DATABASE "{own_database}" FROM {login}; DROP ROLE {login}')


@pytest.mark.parametrize(("refuse", "code"), [(False, "tenants.W012"), (True, "tenants.E012")])
def test_a_login_with_powers_of_its_own_is_found(own_database, settings, refuse, code):
    login = settings.DATABASES["default"]["USER"]
    by_admin(f"GRANT CREATE ON SCHEMA public TO {login}")
    settings.REFUSE_POWERFUL_LOGIN = refuse

    found = {message.id: message.msg for message in run_checks(databases=["default"]) if message.id.startswith("tenants.")}

    assert found == {code: "DATABASE_URL's login may make tables; the second wall needs one that does not."}
