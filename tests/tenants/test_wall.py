"""What stands between a tenant's request that went astray and its twin: each way tried, with the wall and without it."""

import re

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, ProgrammingError, connection, transaction

from kernel.ids import new_id
from ops.local.home import ROOT
from shared_apps.accounts.models import User
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.roles import owner_role
from tenants.scope import owner_scope, platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID

pytestmark = pytest.mark.proves("isolation.wall")

ALPHA, BETA = f"t_{ALPHA_ID.hex}", f"t_{BETA_ID.hex}"
_REFUSED = "42501"
# In alpha's scope. The owner, who stands for "no wall", can do each of them.
ATTACKS = {
    "read the twin": f"SELECT email FROM {BETA}.accounts_user",
    "count the twin": f"SELECT count(*) FROM {BETA}.accounts_user",
    "write to the twin": f"UPDATE {BETA}.accounts_user SET first_name = 'x'",
    "insert into the twin": f"INSERT INTO {BETA}.catalog_category SELECT * FROM {ALPHA}.catalog_category",
    "delete from the twin": f"DELETE FROM {BETA}.accounts_user",
    "lock the twin": f"LOCK TABLE {BETA}.accounts_user IN SHARE MODE",
    "empty the twin": f"TRUNCATE {BETA}.django_session",
    "join with the twin": f"SELECT a.id FROM accounts_user a JOIN {BETA}.accounts_user b ON a.email = b.email",
    "move the path, then read": f"SET LOCAL search_path = {BETA}; SELECT 1 FROM {BETA}.accounts_user",
    "use the twin's sequence": f"SELECT nextval('{BETA}.bookings_booking_id_seq')",
    "look a name up in the twin": f"SELECT '{BETA}.accounts_user'::regclass",
    "change the twin's table": f"ALTER TABLE {BETA}.accounts_user ADD COLUMN x int",
    "drop the twin": f"DROP SCHEMA {BETA} CASCADE",
    "read the registry": "SELECT slug FROM public.tenants_tenant",
    "read the operators": "SELECT email FROM public.accounts_user",
    "write the registry": "UPDATE public.tenants_tenant SET status = 'active'",
    "read the outbox": "SELECT payload FROM public.outbox_message",
    "write the outbox": "DELETE FROM public.outbox_message",
    "change one's own table": "ALTER TABLE accounts_user ADD COLUMN x int",
    "empty one's own table": "TRUNCATE django_session",
    "make a table": "CREATE TABLE mine (id int)",
    "make a table among the extensions": "CREATE TABLE public.mine (id int)",
    "make a schema": "CREATE SCHEMA mine",
    "make a temporary table": "CREATE TEMPORARY TABLE mine (id int)",
    "make a function": "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "give oneself rights": f"GRANT USAGE ON SCHEMA {BETA} TO {ALPHA}",
    "make a role": "CREATE ROLE mine",
    "join the twin's role": f"GRANT {BETA} TO {ALPHA}",
}


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_tenants_request_cannot(in_alpha, attack):
    with pytest.raises(ProgrammingError) as refusal, transaction.atomic():
        run(attack)

    assert refusal.value.__cause__.sqlstate == _REFUSED


_NOTIFYING = re.compile(r"\b(?:LISTEN|NOTIFY|UNLISTEN)\b|\bpg_notify\b|\.notifies\(")
# The owner cannot either: the right to make temporary tables is the database's own, and nobody has it.
_NEVER = {"make a temporary table"}


@pytest.mark.control
@pytest.mark.parametrize("attack", [text for name, text in ATTACKS.items() if name not in _NEVER])
def test_without_the_wall_the_same_request_can(in_alpha, attack, monkeypatch):
    """Negative control: the path alone, as it was before, stops none of them."""
    monkeypatch.setattr(TenantContext, "role", property(lambda _self: owner_role()))

    with transaction.atomic():
        run(attack)
        transaction.set_rollback(True)


def test_a_path_alone_reads_nothing_of_the_twin(alpha, beta, monkeypatch):
    """A scope whose path went wrong: PostgreSQL skips schemas that the role may not use."""
    with tenant_scope(beta):
        User.objects.create_user("bea@twin.example", "a long password")
    with platform_scope(reason="test"):
        run("SELECT 1")
    monkeypatch.setattr(TenantContext, "search_path", f"{BETA}, extensions".encode())

    with tenant_scope(alpha), pytest.raises(ProgrammingError, match="does not exist"), transaction.atomic():
        User.objects.count()


def test_a_forgotten_role_can_do_nothing_at_all(own_database):
    """The application's login itself, as a connection is before its first scope."""
    database = settings.DATABASES["default"]
    with psycopg.connect(
        host=database["HOST"], port=database["PORT"], user=database["USER"], dbname=database["NAME"], autocommit=True
    ) as bare:
        for statement in (
            f"SELECT 1 FROM {ALPHA}.accounts_user",
            "SELECT 1 FROM public.tenants_tenant",
            "CREATE TABLE public.mine (id int)",
            "CREATE SCHEMA mine",
            "CREATE TEMPORARY TABLE mine (id int)",
            f"SELECT doors.publish_event('{new_id()}', 'x', 'x', '{{}}', now())",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                bare.execute(statement.encode())


@pytest.mark.parametrize("table", [f"{ALPHA}.accounts_user", f"{BETA}.catalog_service", f"{ALPHA}.django_session"])
def test_the_platforms_role_reads_no_tenants_table(in_platform, table):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run(f"SELECT 1 FROM {table}")


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE mine (id int)", "TRUNCATE tenants_tenant CASCADE", "DROP TABLE plans_plan"]
)
def test_the_platforms_role_changes_no_schema(in_platform, statement):
    with pytest.raises(ProgrammingError), transaction.atomic():
        run(statement)


# --- what is not refused, and why it is harmless


def test_large_objects_belong_to_the_role_that_made_them(alpha, beta):
    with tenant_scope(beta), connection.cursor() as cursor:
        cursor.execute("SELECT lo_from_bytea(0, 'secret of beta')")
        (number,) = cursor.fetchone()

    with tenant_scope(alpha), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run(f"SELECT lo_get({number})")


def test_the_catalog_tells_names_that_all_tenants_share_and_no_content(alpha, beta):
    """Table names are everybody's; a schema's name holds a random id. Column statistics, which hold values, are hidden."""
    with tenant_scope(beta):
        User.objects.bulk_create(User(email=f"b{number}@twin.example") for number in range(50))
    with owner_scope(reason="test"):
        run(f"ANALYZE {BETA}.accounts_user")

    with tenant_scope(alpha), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = %s::regnamespace", [BETA])
        assert cursor.fetchone()[0] > 0
        cursor.execute("SELECT count(*) FROM pg_stats WHERE schemaname = %s", [BETA])
        assert cursor.fetchone()[0] == 0
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stats WHERE schemaname = %s", [BETA])
        assert cursor.fetchone()[0] > 0


def test_a_notification_is_heard_in_every_tenant(own_database):
    """NOTIFY is database-wide (R23), whatever the role: what it carries is told to everybody who listens."""
    alpha, beta = context_for(ALPHA_ID), context_for(BETA_ID)
    heard: list[str] = []
    with tenant_scope(beta):
        run("LISTEN hello")
        listener = connection.connection
    other = connection.copy()
    try:
        with tenant_scope(alpha), other.cursor() as cursor:
            cursor.execute("NOTIFY hello, 'from alpha'")
        heard += [note.payload for note in listener.notifies(timeout=10, stop_after=1)]
    finally:
        other.close()

    assert heard == ["from alpha"]


def test_so_nothing_of_ours_listens_or_notifies():
    sources = [path for folder in ("platform", "tenants", "shared_apps", "tenant_apps", "provisioning") for path in
               (ROOT / folder).rglob("*.py")]  # fmt: skip

    assert [path for path in sources if _NOTIFYING.search(path.read_text())] == []
    assert len(sources) > 300


def test_sql_that_names_another_role_gets_in(in_alpha, beta):
    """The wall's known limit (R13): whoever can send any SQL steps out of the role as the application does. Not a defence
    against injection; that is the business of parameters, and of the rule DOOR09 for our own texts."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {BETA}; SELECT count(*) FROM {BETA}.accounts_user")
        cursor.nextset()
        assert cursor.fetchone() == (0,)


# --- the door to the outbox


def publish_as_told(**told: str) -> None:
    values = {"message": str(new_id()), "event_type": "x.happened.v1", "handler": "x.y"} | told
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT doors.publish_event(%(message)s, %(event_type)s, %(handler)s, '{}', now())",
            values,
        )


def tenants_in_the_outbox() -> list[object]:
    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id FROM outbox_message ORDER BY created_at")
        return [row[0] for row in cursor.fetchall()]


def test_the_door_writes_in_the_name_of_the_role_that_calls(alpha, beta):
    for scope in (tenant_scope(alpha), tenant_scope(beta), platform_scope(reason="test")):
        with scope:
            publish_as_told()

    assert sorted(map(str, tenants_in_the_outbox())) == sorted([str(ALPHA_ID), str(BETA_ID), "None"])


def test_the_door_takes_no_tenant_and_finds_its_tables_whatever_the_path(in_alpha):
    with transaction.atomic():
        run(f"SET LOCAL search_path = {ALPHA}")
        publish_as_told()

    assert tenants_in_the_outbox() == [ALPHA_ID]
    with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic():
        run(f"SELECT doors.publish_event('{new_id()}', '{BETA_ID}', 'x', 'x', '{{}}', now())")
