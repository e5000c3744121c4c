"""Several statements in one round trip: each told apart, in the scope, and nothing of them left behind on the connection."""

import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection

from tenants.context import SchemaScope
from tenants.errors import NoTenant
from tenants.hosts import context_for
from tenants.roles import owner_role
from tenants.scope import owner_scope, tenant_scope
from tenants.wall import admin_connection
from tests.factories.tenants import ALPHA_ID

pytestmark = pytest.mark.proves("isolation.backend")

_WHERE = "SELECT concat(current_user, ' ', current_setting('search_path'))"


@pytest.fixture
def alone(own_database):
    """In alpha, in no transaction."""
    with tenant_scope(context_for(ALPHA_ID)) as alpha:
        yield alpha


def _where() -> str:
    (result,) = connection.at_once([_WHERE]).results
    return result.get_value(0, 0).decode()


def test_each_statement_has_a_result_of_its_own(in_alpha):
    done = connection.at_once(["SELECT 1;", "SELECT 2 WHERE false -- nobody", "SELECT ';'"])

    assert [result.ntuples for result in done.results] == [1, 0, 1]
    assert done.error is None


def test_the_statement_that_failed_is_the_one_after_those_that_ran(alone):
    done = connection.at_once(["SELECT 1", "SELECT 2", "SELECT 1 / 0", "SELECT 4"])

    assert len(done.results) == 2
    assert done.error.__cause__.sqlstate == "22012"
    assert connection.at_once(["SELECT 5"]).error is None


def test_an_error_is_djangos_own(alone):
    twice = "INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('k', '', now())"

    done = connection.at_once(["BEGIN", twice, twice])
    rolled_back = connection.at_once(["ROLLBACK"])

    assert isinstance(done.error, IntegrityError)
    assert rolled_back.error is None


def test_what_failed_is_rolled_back_wherever_it_stands(alone):
    """The role may have been moved, and nothing can put that right before the transaction has ended."""
    connection.at_once(["BEGIN", "RESET ROLE", "SELECT 1 / 0"])

    assert connection.at_once(["ROLLBACK"]).error is None
    assert _where() == f"{alone.role} {alone.schema}, extensions"


def test_a_connection_that_is_lost_is_an_error_like_others(alone):
    connection.at_once(["SELECT 1"])
    with admin_connection(settings.DATABASES["default"]["NAME"]) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 10000)", [connection.connection.info.backend_pid])

    done = connection.at_once(["SELECT 1"])
    connection.close()

    assert isinstance(done.error, OperationalError)
    assert connection.at_once(["SELECT 1"]).error is None


def test_it_stands_in_the_scope_that_it_is_called_in(alpha, beta):
    with tenant_scope(alpha):
        in_alpha = _where()
    with tenant_scope(beta):
        in_beta = _where()

    assert in_alpha == f"{alpha.role} {alpha.schema}, extensions"
    assert in_beta == f"{beta.role} {beta.schema}, extensions"


def test_there_is_no_way_without_a_scope(db):
    with pytest.raises(NoTenant):
        connection.at_once(["SELECT 1"])


def test_a_path_and_a_role_that_a_statement_moved_are_put_right(alpha, in_alpha):
    home = f"{alpha.role} {alpha.schema}, extensions"

    connection.at_once(["SET search_path = public"])
    assert _where() == home
    connection.at_once(["SELECT 1", "RESET ROLE"])
    assert _where() == home


def test_what_a_transaction_of_its_own_set_ends_with_it(alpha):
    with owner_scope(reason="test"):
        here = _where()
        path = SchemaScope(alpha.schema, "test").search_path.decode()

        connection.at_once(["BEGIN", f"SET LOCAL search_path = {path}", "SELECT 1 FROM catalog_category", "ROLLBACK"])

        assert _where() == here == f"{owner_role()} public, extensions, pg_temp"
