"""Workers killed with -9 while an organization moves, between the commits on both clusters too: it ends whole, on one."""

from __future__ import annotations

import pytest
from django.conf import settings

from provisioning.steps import step_classes
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.clusters.places import now_of, sums
from tests.provisioning.kills.cases import CASES_OVER_CLUSTERS, SpreadInstallation
from tests.provisioning.kills.leftovers import leftovers, roles_without_schema
from tests.provisioning.kills.sweeping import TIMED_SECONDS, Sweep

pytestmark = [
    pytest.mark.proves("faults.kills"),
    pytest.mark.servers,
    pytest.mark.timeout(600 + 2 * TIMED_SECONDS),
    pytest.mark.xdist_group("clusters"),
]


@pytest.fixture
def spread(furnished, signs, monkeypatch) -> SpreadInstallation:
    """Alpha at home; no process has to hear of a move but those of the test, which ask the registry."""
    monkeypatch.setattr(settings, "HOST_CACHE_FOLLOWED_SECONDS", 0)
    shop = now_of(ALPHA_ID)
    return SpreadInstallation(shop, None, b"", whole=sums(shop))


@pytest.mark.parametrize("kind", CASES_OVER_CLUSTERS)
def test_a_worker_killed_at_any_moment_leaves_it_whole_on_one_cluster_and_nothing_over(spread, count, kind):
    case, before = CASES_OVER_CLUSTERS[kind], leftovers()
    sweep = Sweep(spread, kind, case)

    sweep.undisturbed()
    unmet = sweep.at_every_boundary()
    sweep.every_25_ms(seconds=TIMED_SECONDS)

    left = (leftovers() - before) | roles_without_schema(sweep.schemas_seen)
    count(attempts=sweep.kills, failures=len(sweep.problems) + len(left))
    assert sweep.problems == []
    assert left == set()
    assert unmet == case.never
    assert sweep.kills >= len(case.moments) * len(step_classes(kind)) - len(unmet)
