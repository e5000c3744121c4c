"""The witness: connection and scope can never disagree without somebody hearing of it."""

import threading

import psycopg
import pytest
from django.db import OperationalError, close_old_connections, connection, transaction

from shared_apps.accounts.models import User
from tenants.context import SchemaScope
from tenants.errors import MissingSchema, NoTenant, WrongTenant
from tenants.models import Tenant
from tenants.scope import platform_scope, schema_scope, tenant_scope

pytestmark = pytest.mark.proves("isolation.backend")


def _path_on_the_server() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        return cursor.fetchone()[0]


def test_public_is_never_on_a_tenants_path(in_alpha):
    assert _path_on_the_server() == f"{in_alpha.schema}, extensions"


def test_a_connection_that_stands_right_costs_no_statement(in_alpha, django_assert_num_queries):
    User.objects.count()

    with django_assert_num_queries(1):
        User.objects.count()


def test_a_path_moved_behind_our_back_is_put_right(in_alpha):
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = public")

    assert User.objects.count() == 0
    assert _path_on_the_server() == f"{in_alpha.schema}, extensions"


def test_a_rollback_that_undoes_the_path_is_put_right(alpha, beta):
    with tenant_scope(alpha):
        User.objects.count()
    with tenant_scope(beta), transaction.atomic():
        User.objects.create_user("bea@twin.example", "a long password")
        transaction.set_rollback(True)

    with tenant_scope(beta):
        assert _path_on_the_server() == f"{beta.schema}, extensions"
        assert User.objects.count() == 0


def test_a_cursor_opened_in_one_tenant_refuses_to_run_in_another(alpha, beta):
    with tenant_scope(alpha):
        cursor = connection.cursor()

    with tenant_scope(beta), pytest.raises(WrongTenant):
        cursor.execute("SELECT 1")


def test_the_librarys_own_doors_are_shut(in_alpha, beta):
    with pytest.raises(WrongTenant):
        connection.set_schema(beta.schema)
    with pytest.raises(WrongTenant):
        connection.set_schema_to_public()
    with pytest.raises(WrongTenant):
        connection.schema_name = beta.schema


def test_a_missing_schema_is_refused_instead_of_skipped(db):
    with schema_scope("t_00000000000000000000000000000000", reason="test"), pytest.raises(MissingSchema):
        connection.cursor()


def test_a_tenant_with_a_missing_table_fails_instead_of_reading_the_operators(in_alpha):
    from django.db import ProgrammingError

    with platform_scope(reason="test"):
        User.objects.create_user("operator@stoa.example", "a long password")
    with schema_scope(in_alpha.schema, reason="test"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user RENAME TO accounts_user_gone")

    with pytest.raises(ProgrammingError), transaction.atomic():
        User.objects.count()


def test_threads_that_interleave_two_tenants_never_mix(own_database, alpha_and_beta):
    rounds, threads = 50, 8
    wrong: list[str] = []
    start = threading.Barrier(threads)

    def read(number: int) -> None:
        start.wait()
        for turn in range(rounds):
            tenant = alpha_and_beta[(number + turn) % 2]
            with tenant_scope(tenant):
                seen = list(User.objects.values_list("first_name", flat=True))
            if seen != [tenant.slug]:
                wrong.append(f"{tenant.slug}: {seen}")
        connection.close()

    workers = [threading.Thread(target=read, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert wrong == []


@pytest.mark.control
def test_the_same_interleaving_through_the_connections_own_state_does_mix(own_database, alpha_and_beta, monkeypatch):
    """Negative control: with the scope kept where django-tenants keeps it, the test above goes red."""
    shared: list[object] = [alpha_and_beta[0]]
    monkeypatch.setattr("tenants.backend.base.require_scope", lambda: shared[0])
    mixed = threading.Event()
    turn = threading.Barrier(2)

    def read(tenant) -> None:
        for _ in range(20):
            shared[0] = tenant
            turn.wait()
            if list(User.objects.values_list("first_name", flat=True)) != [tenant.slug]:
                mixed.set()
            turn.wait()
        connection.close()

    with platform_scope(reason="test"):
        workers = [threading.Thread(target=_inside, args=(read, tenant)) for tenant in alpha_and_beta]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    assert mixed.is_set()


def _inside(read, tenant) -> None:
    with tenant_scope(tenant):
        read(tenant)


@pytest.fixture
def alpha_and_beta(own_database):
    from tenants.hosts import context_for
    from tests.factories.tenants import ALPHA_ID, BETA_ID

    twins = (context_for(ALPHA_ID), context_for(BETA_ID))
    for tenant in twins:
        with tenant_scope(tenant):
            User.objects.create_user("ada@twin.example", "a long password", first_name=tenant.slug)
    return twins


def test_a_scope_without_tenant_has_no_tenant(db):
    from tenants.scope import current_tenant

    with platform_scope(reason="test"), pytest.raises(NoTenant):
        current_tenant()
    assert SchemaScope("template_0", "x").key == "schema:template_0"


def test_a_cursor_that_is_used_again_after_another_scope_is_led_back(in_alpha):
    with connection.cursor() as cursor:
        with platform_scope(reason="test"):
            Tenant.objects.count()

        cursor.execute("SHOW search_path")

        assert cursor.fetchone()[0] == f"{in_alpha.schema}, extensions"


def test_a_copy_runs_in_no_other_scope_than_its_cursors(alpha, beta):
    with tenant_scope(alpha):
        cursor = connection.cursor()

    with tenant_scope(beta), pytest.raises(WrongTenant):
        cursor.copy("COPY accounts_user TO STDOUT")


def test_a_connection_that_was_cut_is_made_anew_on_the_tenants_path(alpha_and_beta):
    alpha, _beta = alpha_and_beta
    with tenant_scope(alpha):
        _path_on_the_server()
        _cut(connection)

        assert _path_on_the_server() == f"{alpha.schema}, extensions"


def test_a_connection_that_was_cut_elsewhere_is_made_anew_as_well(alpha_and_beta):
    alpha, beta = alpha_and_beta
    with tenant_scope(beta):
        _path_on_the_server()
    _cut(connection)

    with tenant_scope(alpha):
        assert _path_on_the_server() == f"{alpha.schema}, extensions"


def test_a_connection_cut_within_a_request_fails_as_djangos_own_error_and_heals_with_the_next(alpha_and_beta):
    alpha, beta = alpha_and_beta
    with tenant_scope(beta):
        _path_on_the_server()
    _cut(connection, unnoticed=True)

    with tenant_scope(alpha), pytest.raises(OperationalError):
        _path_on_the_server()
    close_old_connections()

    with tenant_scope(alpha):
        assert _path_on_the_server() == f"{alpha.schema}, extensions"


def _cut(wrapper, *, unnoticed=False):
    """End the connection's backend, as a restart of the server does; a new request notices, the same one does not."""
    raw = wrapper.connection
    with psycopg.connect(raw.info.dsn, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 10000)", [raw.info.backend_pid])
    if not unnoticed:
        close_old_connections()
