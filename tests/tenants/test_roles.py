"""Role and path go together: whatever happens to a connection, the next cursor stands in both of its scope, or fails."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from shared_apps.accounts.models import User
from tenants.errors import MissingRole, PowerfulLogin
from tenants.hosts import context_for
from tenants.roles import owner_role, platform_role
from tenants.scope import owner_scope, platform_scope, schema_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID

pytestmark = pytest.mark.proves("isolation.wall")

ALPHA, BETA = f"t_{ALPHA_ID.hex}", f"t_{BETA_ID.hex}"
MOVES = [
    "SET search_path = public",
    "SET search_path = DEFAULT",
    "RESET search_path",
    "RESET ALL",
    "RESET ROLE",
    "SET ROLE NONE",
    f'SET ROLE "{BETA}"',
    f'SET SESSION ROLE "{BETA}"',
    "SET SESSION AUTHORIZATION DEFAULT",
    f'SELECT 1; SET ROLE "{BETA}"',
    f"SELECT set_config('search_path', '{BETA}, extensions', false)",
]


def standing() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('search_path')")
        return cursor.fetchone()


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("enter", "expected"),
    [
        (tenant_scope, lambda: (ALPHA, f"{ALPHA}, extensions")),
        (lambda _: platform_scope(reason="test"), lambda: (platform_role(), "public, extensions")),
        (lambda _: owner_scope(reason="test"), lambda: (owner_role(), "public, extensions, pg_temp")),
        (lambda alpha: schema_scope(alpha.schema, reason="test"), lambda: (owner_role(), f"{ALPHA}, extensions, pg_temp")),
    ],
)
def test_each_kind_of_scope_has_its_role_and_a_path_that_no_other_role_has(alpha, enter, expected):
    with enter(alpha):
        assert standing() == expected()


def test_both_are_entered_by_one_statement_and_kept_for_none(alpha, beta, django_assert_num_queries):
    sent: list[str] = []
    with tenant_scope(beta):
        standing()
    real = connection.connection.cursor

    with tenant_scope(alpha), pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.connection, "cursor", lambda *args, **kwargs: sent.append("cursor") or real(*args, **kwargs))
        standing()
        standing()

    assert len(sent) == 3  # one to enter, and one for each question


@pytest.mark.parametrize("move", MOVES)
def test_a_move_behind_our_back_is_put_right(in_alpha, move):
    execute(move)

    assert standing() == (ALPHA, f"{ALPHA}, extensions")


@pytest.mark.parametrize("move", [*MOVES, "DISCARD ALL", f'SET LOCAL ROLE "{BETA}"'])
def test_a_move_outside_of_transactions_is_put_right(own_database, move):
    alpha = context_for(ALPHA_ID)

    with tenant_scope(alpha):
        execute(move)

        assert standing() == (ALPHA, f"{ALPHA}, extensions")


@pytest.mark.parametrize("move", MOVES)
def test_a_rollback_that_brings_a_move_back_is_put_right(in_alpha, move):
    with transaction.atomic():
        execute(move)
        with transaction.atomic():
            assert standing()[0] == ALPHA
            transaction.set_rollback(True)

        assert standing() == (ALPHA, f"{ALPHA}, extensions")


@pytest.mark.parametrize("move", MOVES)
def test_a_rollback_that_takes_a_move_away_is_put_right(in_alpha, move):
    standing()
    with transaction.atomic():
        execute(move)
        transaction.set_rollback(True)

    assert standing() == (ALPHA, f"{ALPHA}, extensions")


def test_a_rollback_of_the_entering_takes_both_back(alpha, beta):
    with tenant_scope(alpha):
        standing()
    with tenant_scope(beta), transaction.atomic():
        standing()
        transaction.set_rollback(True)

    with tenant_scope(beta):
        assert standing() == (BETA, f"{BETA}, extensions")
    with tenant_scope(alpha):
        assert standing() == (ALPHA, f"{ALPHA}, extensions")


def test_after_an_error_in_a_transaction_the_next_scope_stands_right(alpha, beta):
    with tenant_scope(alpha), pytest.raises(ProgrammingError), transaction.atomic():
        execute(f'SET ROLE "{BETA}"; SELECT nothing')

    with tenant_scope(beta):
        assert standing() == (BETA, f"{BETA}, extensions")
    with tenant_scope(alpha):
        assert standing() == (ALPHA, f"{ALPHA}, extensions")


def test_a_connection_lost_and_made_anew_stands_right(own_database):
    alpha = context_for(ALPHA_ID)
    with tenant_scope(alpha):
        execute("RESET ROLE")
        connection.close()

        assert standing() == (ALPHA, f"{ALPHA}, extensions")


def test_a_role_that_was_moved_by_a_parameter_does_not_stay(in_alpha):
    standing()

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", ["role", BETA])

    assert standing() == (ALPHA, f"{ALPHA}, extensions")


@pytest.mark.control
def test_without_the_doubt_a_moved_role_would_stay(in_alpha, monkeypatch):
    """Negative control: PostgreSQL reports the path only, so a role moved alone goes unseen."""
    monkeypatch.setattr("tenants.backend.base._MOVES", frozenset())
    standing()

    execute("RESET ROLE")

    assert standing()[0] not in {ALPHA, platform_role(), owner_role()}
    with pytest.raises(ProgrammingError, match=r"permission denied|does not exist"), transaction.atomic():
        User.objects.count()


def test_a_role_that_does_not_exist_is_refused_and_says_what_to_do(db):
    nobody = context_for(ALPHA_ID)
    object.__setattr__(nobody, "schema", "t_00000000000000000000000000000000")
    with owner_scope(reason="test"):
        execute("CREATE SCHEMA t_00000000000000000000000000000000")

    with tenant_scope(nobody), pytest.raises(MissingRole, match=r"manage\.py setup"):
        connection.cursor()


def test_the_application_may_not_sign_in_as_a_superuser_where_that_is_refused(own_database, settings, monkeypatch):
    settings.REFUSE_POWERFUL_LOGIN = True
    with platform_scope(reason="test"):
        standing()
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "USER", settings.ADMIN_DATABASE["USER"])

        with pytest.raises(PowerfulLogin):
            standing()


# --- time-outs


def limits() -> list[str]:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(n) FROM unnest(%s::text[]) n", [list(names)])
        return [value for (value,) in cursor.fetchall()]


def test_the_plans_time_outs_come_with_the_role_and_go_with_it(alpha, settings):
    settings.DATABASE_LIMITS = settings.DATABASE_LIMITS | {
        alpha.plan: {"statement_seconds": 7, "lock_seconds": 3, "idle_in_transaction_seconds": 9}
    }

    with tenant_scope(alpha):
        assert limits() == ["7s", "3s", "9s"]
    with platform_scope(reason="test"):
        assert limits() == ["0", "0", "0"]


def test_a_plan_that_the_settings_do_not_name_has_the_defaults(alpha, settings):
    settings.DATABASE_LIMITS = {"default": {"statement_seconds": 5}}

    with tenant_scope(alpha):
        assert limits() == ["5s", "0", "0"]


def test_a_statement_past_the_time_out_is_ended(alpha, settings):
    settings.DATABASE_LIMITS = {"default": {"statement_seconds": 1}}

    with tenant_scope(alpha), pytest.raises(DatabaseError, match="statement timeout"), transaction.atomic():
        execute("SELECT pg_sleep(60)")


@pytest.mark.parametrize("statement", ["SET statement_timeout = 0", "SELECT 1; SET statement_timeout = 0", "RESET ALL"])
def test_a_time_out_that_a_request_set_ends_with_its_statement(own_database, settings, statement):
    settings.DATABASE_LIMITS = {"default": {"statement_seconds": 5, "lock_seconds": 3}}
    alpha = context_for(ALPHA_ID)

    with tenant_scope(alpha):
        execute(statement)

        assert limits() == ["5s", "3s", "0"]


def test_a_time_out_that_a_rollback_brings_back_is_put_right(alpha, settings):
    settings.DATABASE_LIMITS = {"default": {"statement_seconds": 5}}

    with tenant_scope(alpha), transaction.atomic():
        execute("SET statement_timeout = 0")
        with transaction.atomic():
            assert limits() == ["5s", "0", "0"]
            transaction.set_rollback(True)

        assert limits() == ["5s", "0", "0"]


def test_another_plan_changes_the_time_outs_of_a_connection_that_stands_there_already(alpha, settings):
    settings.DATABASE_LIMITS = {"default": {"statement_seconds": 5}, "scale": {"statement_seconds": 60}}
    with tenant_scope(alpha):
        assert limits() == ["5s", "0", "0"]

    with tenant_scope(replace(alpha, plan="scale")):
        assert limits() == ["1min", "0", "0"]


@pytest.mark.parametrize("enter", ["SET LOCAL lock_timeout = '1s'", "SELECT set_config('lock_timeout', '1s', true)"])
def test_what_a_transaction_set_for_itself_survives_another_scope(own_database, settings, enter):
    settings.DATABASE_LIMITS = {"default": {"statement_seconds": 5, "lock_seconds": 3}}
    alpha = context_for(ALPHA_ID)

    with tenant_scope(alpha):
        with transaction.atomic():
            execute(enter)
            with platform_scope(reason="test"):
                assert limits() == ["0", "1s", "0"]
            assert limits() == ["5s", "1s", "0"]

        assert limits() == ["5s", "3s", "0"]


def test_what_was_left_out_for_a_transactions_sake_is_set_after_it(own_database, settings):
    settings.DATABASE_LIMITS = {"default": {"lock_seconds": 3}}
    alpha = context_for(ALPHA_ID)

    with platform_scope(reason="test"), transaction.atomic():
        execute("SET LOCAL lock_timeout = '1s'")
        with tenant_scope(alpha):
            assert limits() == ["0", "1s", "0"]

    with tenant_scope(alpha):
        assert limits() == ["0", "3s", "0"]


def test_standing_again_after_a_doubt_leaves_the_transactions_own_time_outs_alone(own_database):
    with platform_scope(reason="test"), transaction.atomic():
        execute("SET LOCAL lock_timeout = '1s'")
        execute("SELECT 'a role'; SELECT 'and all the rest'")

        assert limits() == ["0", "1s", "0"]


def test_what_names_all_constraints_moves_no_role(in_alpha):
    standing()

    execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    assert not connection._is_standing_doubted


@pytest.mark.control
def test_time_outs_written_on_the_role_would_not_count(alpha, beta):
    """Negative control, and why the entering statement sets them: SET ROLE reads no settings of the role."""
    with owner_scope(reason="test"):
        execute(f"ALTER ROLE \"{ALPHA}\" SET work_mem = '64kB'")

    with tenant_scope(alpha), connection.cursor() as cursor:
        cursor.execute("SHOW work_mem")
        assert cursor.fetchone() != ("64kB",)
