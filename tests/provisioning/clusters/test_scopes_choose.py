"""The scope chooses the cluster behind the one connection that all code asks for, and nothing else does."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.test import override_settings

from kernel.locking import lock_rows
from provisioning.saga.engine import advance_to_end
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import template_script
from provisioning.services import order_organization
from provisioning.types import OrganizationRequest
from tenant_apps.catalog.models import Category, Service
from tenants.backend.joint import Joint
from tenants.clusters import DEFAULT, clusters, on_cluster
from tenants.errors import MissingSchema, WrongTenant
from tenants.models import Resident, Tenant
from tenants.registry import lock_place
from tenants.residence import note_resident
from tenants.schemas import drop_schema, existing_schemas, schema_exists, schema_for
from tenants.scope import cluster_scope, platform_scope, tenant_scope
from tests.factories.market import make_category, make_service
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_tenant
from tests.provisioning.clusters.places import EAST, now_of
from tests.provisioning.organizations import SYSTEM, again

pytestmark = [pytest.mark.usefixtures("two_clusters"), pytest.mark.xdist_group("clusters")]
GAMMA_ID = UUID("01900000-0000-7000-8000-00000000000c")


@pytest.fixture
def gamma(two_clusters):
    """A look-alike of alpha that lives in the east."""
    with on_cluster(EAST), transaction.atomic():
        run_script(template_script(), schema_for(GAMMA_ID))
    create_tenant(GAMMA_ID, "gamma", database=EAST)
    yield now_of(GAMMA_ID)
    # Roles are the server's, which stays.
    with on_cluster(EAST):
        drop_schema(schema_for(GAMMA_ID))


def server_of_scope() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inet_server_port()")
        return cursor.fetchone()[0]


def names_of(tenant) -> set[str]:
    with tenant_scope(tenant):
        return set(Category.objects.values_list("name", flat=True))


def test_orm_cursors_and_transactions_go_to_the_tenants_cluster_without_being_told(gamma):
    alpha = now_of(ALPHA_ID)
    with tenant_scope(gamma), transaction.atomic():
        make_category("In the east")
        east = server_of_scope()
    with tenant_scope(alpha), transaction.atomic():
        make_category("At home")
        home = server_of_scope()

    assert east != home
    assert "In the east" in names_of(gamma) - names_of(alpha)
    assert "At home" in names_of(alpha) - names_of(gamma)
    with tenant_scope(gamma):
        assert Category.objects.first()._state.db == EAST
        assert transaction.get_connection() is connections[EAST]


def test_the_registry_is_read_at_home_from_within_a_tenant_of_another_cluster(gamma):
    with tenant_scope(gamma), platform_scope(reason="test"):
        assert Tenant.objects.filter(pk=GAMMA_ID).exists()
    with tenant_scope(gamma), on_cluster(EAST), cluster_scope(reason="test"):
        assert not Tenant.objects.exists()


@pytest.mark.control
def test_whoever_takes_another_clusters_connection_by_its_name_is_refused(gamma):
    with platform_scope(reason="test"):
        home = connections[DEFAULT].copy()
    with tenant_scope(gamma), pytest.raises(WrongTenant, match="leads to default"):
        home.cursor()
    home.close()
    with tenant_scope(now_of(ALPHA_ID)), pytest.raises(WrongTenant, match="leads to east"):
        Category.objects.using(EAST).count()


@pytest.mark.control
def test_a_wrong_alias_in_the_registry_finds_no_schema_and_never_another_tenants_rows(gamma):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=GAMMA_ID).update(database=DEFAULT)

    with tenant_scope(now_of(GAMMA_ID)), pytest.raises(MissingSchema):
        Category.objects.count()


def test_an_instance_of_one_cluster_is_refused_on_the_other(gamma):
    with tenant_scope(gamma):
        category = make_category("Mine")

    with tenant_scope(now_of(ALPHA_ID)), pytest.raises(WrongTenant):
        category.save()
    assert "Mine" not in names_of(now_of(ALPHA_ID))


def test_a_schema_is_looked_for_on_the_cluster_at_hand(gamma):
    assert not schema_exists(gamma.schema)
    with on_cluster(EAST):
        assert existing_schemas([gamma.schema, schema_for(ALPHA_ID)]) == {gamma.schema}


def test_a_cluster_that_is_not_named_is_refused():
    with pytest.raises(ValueError, match="no cluster 'west'"), on_cluster("west"):
        pass
    assert clusters() == (DEFAULT, EAST)


# --- transactions over two clusters


def rename(name: str) -> None:
    with platform_scope(reason="test"), transaction.atomic():
        Tenant.objects.filter(pk=GAMMA_ID).update(name=name)


def rename_and_take_back(name: str) -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        rename(name)
        raise ZeroDivisionError


def name_of_gamma() -> str:
    return now_of(GAMMA_ID).name


def test_a_lock_on_the_registry_holds_to_the_end_of_the_tenants_transaction(gamma):
    with tenant_scope(gamma), transaction.atomic():
        lock_place(GAMMA_ID)
        with platform_scope(reason="test"):
            assert connection.in_atomic_block
            assert lock_rows(Tenant.objects.filter(pk=GAMMA_ID))

    assert not connections[DEFAULT].in_atomic_block
    with tenant_scope(gamma):
        assert not connection.in_atomic_block


def test_both_commit_and_what_waits_for_that_runs_once_after_both(gamma):
    told: list[tuple[str, bool]] = []
    with tenant_scope(gamma), transaction.atomic():
        make_category("Kept")
        with platform_scope(reason="test"):
            transaction.on_commit(lambda: told.append(("registry", "Kept" in names_of(gamma))))
        rename("Renamed")
        assert told == []

    assert told == [("registry", True)]
    assert name_of_gamma() == "Renamed"


@pytest.mark.parametrize("outer", ["tenant", "platform"])
def test_neither_commits_when_one_fails(gamma, outer):
    def both() -> None:
        scopes = (tenant_scope(gamma), platform_scope(reason="test"))
        first, second = scopes if outer == "tenant" else reversed(scopes)
        with first, transaction.atomic():
            write(outer)
            with second, transaction.atomic():
                write("platform" if outer == "tenant" else "tenant")
            raise RuntimeError

    def write(where: str) -> None:
        if where == "tenant":
            make_category("Lost")
        else:
            Tenant.objects.filter(pk=GAMMA_ID).update(name="Lost")

    with pytest.raises(RuntimeError):
        both()

    assert (name_of_gamma(), "Lost" in names_of(gamma)) == ("Twin Market", False)


def test_a_savepoint_taken_back_takes_back_what_the_other_cluster_wrote_since(gamma):
    with tenant_scope(gamma), transaction.atomic():
        rename("Before")
        rename_and_take_back("Since")
        make_category("Stays")

    assert (name_of_gamma(), "Stays" in names_of(gamma)) == ("Before", True)


def test_a_savepoint_taken_back_takes_back_who_joined_since(gamma):
    with tenant_scope(gamma), transaction.atomic():
        rename_and_take_back("Since")
        make_category("Stays")

    assert (name_of_gamma(), "Stays" in names_of(gamma)) == ("Twin Market", True)


def test_what_the_orm_writes_there_without_a_transaction_of_its_own_ends_with_the_platforms(gamma):
    """The router names the cluster, so that nothing asks for the one connection before it writes."""

    def write_and_fail() -> None:
        with platform_scope(reason="test"), transaction.atomic():
            with tenant_scope(gamma):
                Category.objects.bulk_create([Category(name="Half", slug="half")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    assert "Half" not in names_of(gamma)


@pytest.mark.parametrize("first", [DEFAULT, EAST])
def test_a_connection_that_is_opened_within_the_others_transaction_joins_it(gamma, first):
    with platform_scope(reason="test"):
        tenant = now_of(GAMMA_ID)
    scopes = (platform_scope(reason="test"), tenant_scope(tenant))
    outer, inner = scopes if first == DEFAULT else reversed(scopes)
    other = EAST if first == DEFAULT else DEFAULT
    connections[other].close()

    with outer, transaction.atomic():
        server_of_scope()
        with inner:
            server_of_scope()
            assert connections[other].joint is not None

    assert not connections[other].in_atomic_block


def test_what_waits_for_the_commit_is_forgotten_with_the_savepoint_on_whichever_connection_it_hangs(gamma):
    told: list[str] = []

    def hang_and_take_back() -> None:
        with suppress(ZeroDivisionError), transaction.atomic():
            with tenant_scope(gamma):
                transaction.on_commit(lambda: told.append("taken back"))
            raise ZeroDivisionError

    with tenant_scope(gamma), transaction.atomic():
        transaction.on_commit(lambda: told.append("before"))
        with platform_scope(reason="test"):
            Tenant.objects.filter(pk=GAMMA_ID).exists()
            hang_and_take_back()

    assert told == ["before"]


def test_what_broke_on_the_other_cluster_is_whole_again_after_the_savepoint(gamma):
    with tenant_scope(gamma), transaction.atomic():
        note_resident(tenant_id=GAMMA_ID, schema=gamma.schema)
        with suppress(IntegrityError), transaction.atomic(), platform_scope(reason="test"):
            Resident(schema_name=gamma.schema, tenant_id=GAMMA_ID).save(force_insert=True)
        rename("After")

    assert name_of_gamma() == "After"


def test_what_the_outer_one_may_not_commit_is_found_before_the_inner_one_commits(gamma):
    """Foreign keys are looked at when a transaction commits: too late, if the other had committed by then."""

    def rename_and_break() -> None:
        with tenant_scope(gamma), transaction.atomic():
            rename("Too early")
            Service.objects.filter(pk=make_service().pk).update(category_id=999_999)

    with pytest.raises(IntegrityError):
        rename_and_break()

    assert name_of_gamma() == "Twin Market"


def test_the_note_is_taken_back_when_the_work_is_lost_at_the_last_moment(gamma, monkeypatch):
    whole = Joint.check

    def check_and_lose(joint: Joint) -> None:
        whole(joint)
        joint.outer.connection.close()

    def work_and_note() -> None:
        with tenant_scope(gamma), transaction.atomic():
            make_category("Lost")
            rename("Noted")

    monkeypatch.setattr(Joint, "check", check_and_lose)

    with pytest.raises(OperationalError):
        work_and_note()

    assert not connections[DEFAULT].in_atomic_block
    assert (name_of_gamma(), "Lost" in names_of(gamma)) == ("Twin Market", False)


@pytest.mark.control
def test_two_transactions_that_know_nothing_of_each_other_would_keep_the_half(gamma, monkeypatch):
    monkeypatch.setattr("tenants.backend.handler.join_open_transaction", lambda *_: None)

    with suppress(ZeroDivisionError), tenant_scope(gamma), transaction.atomic():
        rename("Half")
        raise ZeroDivisionError

    assert name_of_gamma() == "Half"


def test_what_is_written_at_home_alone_begins_no_transaction_in_the_east(gamma):
    with platform_scope(reason="test"), transaction.atomic():
        Tenant.objects.filter(pk=BETA_ID).update(name="Alone")
        assert connections[DEFAULT].joint is None


@override_settings(NEW_ORGANIZATIONS_CLUSTER=EAST)
def test_a_new_organization_comes_to_live_where_the_setting_says():
    request = OrganizationRequest(
        slug="acme", name="Acme", owner_email="ann@acme.example", blueprint="tutoring", plan_code="studio"
    )

    run = order_organization(actor=SYSTEM, request=request)

    assert advance_to_end(run.pk) == "done", again(run).error
    acme = now_of(again(run).tenant_id)
    assert acme.database == EAST
    assert names_of(acme)
    assert not schema_exists(acme.schema)
