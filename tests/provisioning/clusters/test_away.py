"""While a cluster is away, only those who live there suffer: the console says which it is and shows the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.db.models.functions import Now

from kernel import clock
from kernel.breaker import Breaker
from kernel.ids import format_public_id
from kernel.outbox import reach
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.reach import ClusterAway, away_clusters, on_reachable
from kernel.outbox.upkeep import cancel, cancel_all, purge, replay, replay_all, wake
from ops.local.process import free_port
from provisioning import schedules
from provisioning.archives.beside import KEPT_BESIDE
from provisioning.archives.restoring import drop_replaced
from provisioning.fleet.enlisting import smallest
from provisioning.fleet.migrating import migrate_fleet
from provisioning.health.services import gather_health
from provisioning.models import FleetMove, Quarantine, TenantHealth
from provisioning.schedules import enqueue_due
from shared_apps.operators.types import OperatorRole
from tenants.clusters import DEFAULT
from tenants.models import Tenant
from tenants.scope import cluster_scope, platform_scope
from tenants.types import TENANT_PREFIX
from tests.console.conftest import browser_of
from tests.console.happenings import dead_message, text_of
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.clusters.places import EAST, messages_on, moved
from tests.provisioning.fleet.conftest import next_templates_on_top_of_the_first, release  # noqa: F401  # its fixtures
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX
from tests.provisioning.organizations import SYSTEM

pytestmark = [pytest.mark.usefixtures("two_clusters"), pytest.mark.xdist_group("clusters")]


@pytest.fixture
def lose(monkeypatch) -> Callable[[], None]:
    """Has nobody answer at the address of `east`."""

    def lead_nowhere() -> None:
        connections[EAST].close()
        monkeypatch.setitem(settings.DATABASES[EAST], "PORT", str(free_port()))

    return lead_nowhere


@pytest.fixture
def find_again(monkeypatch) -> Callable[[], None]:
    port = settings.DATABASES[EAST]["PORT"]

    def lead_there() -> None:
        monkeypatch.setitem(settings.DATABASES[EAST], "PORT", port)
        monkeypatch.setattr(reach, "_breakers", defaultdict(lambda: Breaker(60)))

    return lead_there


@pytest.fixture
def dead_here_and_there(monkeypatch) -> dict[str, UUID]:
    """A message that was given up, of alpha at home and of beta in the east; beta's cluster answers still."""
    monkeypatch.setattr("kernel.wiring.ring_doorbell", lambda *_, **__: None)
    dead = {
        DEFAULT: dead_message("x.AlphaLeft", tenant_id=ALPHA_ID).pk,
        EAST: dead_message("x.BetaLeft", tenant_id=BETA_ID).pk,
    }
    moved(BETA_ID)
    return dead


def test_every_page_of_the_console_names_it_and_shows_the_others(dead_here_and_there, lose, find_again):
    operator = browser_of(OperatorRole.ADMIN)
    beta = format_public_id(TENANT_PREFIX, BETA_ID)
    pages = ["/console/", "/console/jobs/", "/console/tenants/", f"/console/tenants/{beta}/"]
    with_it = [text_of(operator.get(page)) for page in pages]

    lose()
    without_it = [operator.get(page) for page in pages]

    assert ["does not answer" in page for page in with_it] == [False] * 4
    assert [page.status_code for page in without_it] == [200] * 4
    assert ["The cluster east does not answer" in text_of(page) for page in without_it] == [True] * 4
    assert "Alpha left" in text_of(without_it[1])
    assert "Beta left" in with_it[1]
    find_again()
    assert "does not answer" not in text_of(operator.get("/console/jobs/"))


def test_a_message_at_home_is_replayed_and_one_that_may_be_there_is_left_with_a_sentence(dead_here_and_there, lose):
    lose()

    replay(dead_here_and_there[DEFAULT])
    for act in (replay, lambda pk: cancel(pk, by="test")):
        with pytest.raises(ClusterAway, match="east"):
            act(dead_here_and_there[EAST])

    assert messages_on(DEFAULT) == [MessageState.PENDING]


@pytest.mark.parametrize(
    ("act", "state"), [(replay_all, "pending"), (lambda: cancel_all(tenant_id=ALPHA_ID, by="test"), "cancelled")]
)
def test_what_is_done_to_all_is_done_at_home_and_said_not_to_be_done_there(dead_here_and_there, lose, find_again, act, state):
    lose()

    with pytest.raises(ClusterAway, match="east"):
        act()

    assert messages_on(DEFAULT) == [state]
    find_again()
    assert messages_on(EAST, BETA_ID) == ["dead"]


def test_who_is_served_again_is_woken_at_home_and_old_messages_go(dead_here_and_there, lose):
    with platform_scope(reason="test"):
        OutboxMessage.objects.filter(tenant_id=ALPHA_ID).update(state="pending", is_parked=True)
    lose()

    assert wake(tenant_id=ALPHA_ID) == 1
    assert purge(older_than=clock.now()) >= 0


def test_daily_jobs_of_the_others_are_enqueued(lose, monkeypatch):
    moved(BETA_ID)
    tried = []
    monkeypatch.setattr(schedules, "_enqueued", lambda due: tried.append(due.tenant_id) is None)
    lose()

    assert enqueue_due(now=clock.now() + timedelta(days=2)) > 0
    assert set(tried) == {ALPHA_ID}


def test_a_round_over_everybodys_health_and_what_was_replaced_goes_on(lose):
    moved(BETA_ID)
    lose()

    assert gather_health() == 2
    assert drop_replaced(now=clock.now() + 2 * KEPT_BESIDE) >= 1
    with platform_scope(reason="test"):
        readable = dict(TenantHealth.objects.values_list("tenant_id", "looked__is_readable"))
    assert readable == {ALPHA_ID: True, BETA_ID: False}


def test_a_run_over_the_fleet_holds_up_who_lives_there_and_comes_back_to_them(release, lose, find_again):  # noqa: F811  # the fixture
    moved(BETA_ID)
    release(colour=COLUMN_AND_INDEX)
    lose()

    report = migrate_fleet(actor=SYSTEM, connections=1)

    assert (report.migrated, report.failed, report.held_up) == (1, {}, ["beta"])
    with platform_scope(reason="test"):
        assert FleetMove.objects.get(tenant_id=BETA_ID).error == "The cluster east does not answer."
        assert (Quarantine.objects.count(), Tenant.objects.get(pk=BETA_ID).status) == (0, "active")
        FleetMove.objects.filter(state="held_up").update(leased_until=Now())
    find_again()
    assert migrate_fleet(actor=SYSTEM, connections=1).migrated == 2


def test_a_cluster_where_one_statement_met_a_lock_is_not_away():
    def meet_a_lock():
        with cluster_scope(reason="test"), connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE lock_not_available; END $$")

    with pytest.raises(OperationalError):
        on_reachable(EAST, meet_a_lock)

    assert away_clusters() == ()


def test_canaries_are_the_smallest_on_whichever_cluster_answers(lose):
    moved(BETA_ID)
    both = {ALPHA_ID, BETA_ID}

    with platform_scope(reason="test"):
        answering = set(smallest(both, 2))
        lose()
        without_it = set(smallest(both, 2))

    assert (answering, without_it) == (both, {ALPHA_ID})
