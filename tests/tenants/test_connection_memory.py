"""A connection that has stood in many schemas is closed between requests: its backend keeps all their catalogs in memory."""

import pytest
from django.db import close_old_connections, connection

from shared_apps.accounts.models import User
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID


def backend_pid() -> int:
    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


@pytest.fixture
def visited(own_database, settings):
    """Stands in both marketplaces and on the platform, as requests do, under this limit; whether the connection was kept."""

    def visit(limit: int) -> bool:
        settings.SCHEMAS_OF_A_CONNECTION = limit
        connection.close()
        before = backend_pid()
        for tenant in [context_for(pk) for pk in (ALPHA_ID, BETA_ID)] * 2:
            with tenant_scope(tenant):
                User.objects.count()
        close_old_connections()
        return backend_pid() == before

    return visit


def test_past_its_number_of_schemas_a_connection_is_renewed(visited):
    assert not visited(2)


@pytest.mark.control
def test_up_to_its_number_it_is_kept_however_often_it_moves(visited):
    assert visited(3)


def test_a_session_that_is_kept_on_purpose_is_not_renewed(own_database, settings):
    settings.SCHEMAS_OF_A_CONNECTION = 0

    with platform_scope(reason="test"), connection.keeping_session("lock"):
        before = backend_pid()

        close_old_connections()

        assert backend_pid() == before
