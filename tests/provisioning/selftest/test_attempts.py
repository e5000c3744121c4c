"""Every attempt of an isolation test is refused, after the same act succeeded on the own side."""

import pytest
from celery.result import denied_join_result

from provisioning.selftest.handlers import ACTS
from shared_apps.isolation.types import FAMILIES, Result

pytest_plugins = ["tests.factories.object_store"]
FAMILY_IDS = [family.id for family in FAMILIES]


def test_whatever_is_named_is_tried_and_whatever_is_tried_is_named():
    named = {family.id: list(family.attempts) for family in FAMILIES}

    assert {family: list(acts) for family, acts in ACTS.items()} == named


@pytest.mark.parametrize("family", FAMILY_IDS)
def test_every_attempt_is_refused_both_ways(try_family, family):
    with denied_join_result():  # as within a task
        trials = try_family(family)

    wrong = {key: (trial.result, trial.why) for key, trial in trials.items() if trial.result != Result.REFUSED}
    assert wrong == {}
    assert len(trials) == 2 * len(ACTS[family])
    assert all(trial.control for trial in trials.values())


@pytest.mark.parametrize("family", ["access", "search"])
def test_where_many_processes_share_what_visitors_may_ask_everything_is_tried_all_the_same(try_family, settings, family):
    settings.REQUEST_LIMITS, settings.WEB_PROCESSES = {"default": {"per_second": 5, "burst": 60, "at_once": 4}}, 40

    trials = try_family(family)

    assert {(trial.result, trial.control) for trial in trials.values()} == {(Result.REFUSED, True)}


def test_files_in_an_object_store_are_refused_as_well_and_none_is_left(try_family, client, store):
    trials = try_family("files")

    assert {(trial.result, trial.control) for trial in trials.values()} == {(Result.REFUSED, True)}
    assert client.list_objects_v2(Bucket="stoa").get("Contents", []) == []
