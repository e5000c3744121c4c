"""What each figure takes off a score, by table; and when somebody is told."""

import json
from dataclasses import replace

import pytest

from provisioning.health.rules import has_fallen, score_of, state_of, troubles_of
from provisioning.health.types import Cause, Figures, HealthState, Looked, Trouble, Use, as_json

WELL = Figures(requests=1000, p95_milliseconds=120, snapshot_hours=5, age_hours=5000, certificate_days=60)
SEEN = Looked(bytes=1, file_bytes=1, mails=40, uses=(Use("max_providers", 3, 10), Use("max_services", 900, None)))


@pytest.mark.parametrize(
    ("figures", "cause", "points"),
    [
        ({"is_quarantined": True, "is_behind": True}, Cause.QUARANTINED, 60),
        ({"is_behind": True}, Cause.BEHIND, 10),
        ({"isolation_broken": True}, Cause.ISOLATION, 60),
        ({"is_unreachable": True}, Cause.UNREADABLE, 60),
        ({"server_errors": 10}, Cause.ERRORS, 15),
        ({"server_errors": 50}, Cause.ERRORS, 30),
        ({"server_errors": 250}, Cause.ERRORS, 50),
        ({"p95_milliseconds": 1_000}, Cause.SLOW_PAGES, 10),
        ({"p95_milliseconds": 2_500}, Cause.SLOW_PAGES, 25),
        ({"throttled": 11}, Cause.THROTTLED, 5),
        ({"throttled": 1000}, Cause.THROTTLED, 15),
        ({"lag_seconds": 120}, Cause.LAG, 10),
        ({"lag_seconds": 600}, Cause.LAG, 25),
        ({"lag_seconds": 3600}, Cause.LAG, 40),
        ({"dead_letters": 1}, Cause.DEAD_LETTERS, 10),
        ({"dead_letters": 10}, Cause.DEAD_LETTERS, 25),
        ({"slow_statements": 10}, Cause.SLOW_STATEMENTS, 10),
        ({"slow_statements": 100}, Cause.SLOW_STATEMENTS, 20),
        ({"domains_failing": 1}, Cause.DOMAINS, 15),
        ({"domains_failing": 9}, Cause.DOMAINS, 30),
        ({"certificate_days": 2}, Cause.CERTIFICATE, 10),
        ({"certificate_days": -1}, Cause.CERTIFICATE, 30),
        ({"snapshot_hours": 48}, Cause.SNAPSHOT, 10),
        ({"snapshot_hours": 168}, Cause.SNAPSHOT, 25),
        ({"snapshot_hours": None}, Cause.SNAPSHOT, 25),
        ({"rows": 99_999, "dead_rows": 100_000}, Cause.DEAD_ROWS, 5),
    ],
)
def test_a_figure_takes_its_points_off_and_nothing_else_does(figures, cause, points):
    (trouble,) = troubles_of(replace(WELL, **figures), SEEN)

    assert (trouble.cause, trouble.points) == (cause, points)


@pytest.mark.parametrize(
    ("looked", "cause", "points"),
    [
        ({"mails_refused": 2}, Cause.MAILS_REFUSED, 10),
        ({"mails_refused": 8}, Cause.MAILS_REFUSED, 25),
        ({"mails_stuck": 1}, Cause.MAILS_STUCK, 10),
        ({"mails_stuck": 10}, Cause.MAILS_STUCK, 20),
        ({"uses": (Use("max_providers", 9, 10),)}, Cause.LIMIT, 5),
        ({"uses": (Use("max_providers", 10, 10),)}, Cause.LIMIT, 10),
        ({"is_readable": False}, Cause.UNREADABLE, 60),
    ],
)
def test_what_was_seen_inside_takes_its_points_off_and_nothing_else_does(looked, cause, points):
    (trouble,) = troubles_of(WELL, replace(SEEN, **looked))

    assert (trouble.cause, trouble.points) == (cause, points)


@pytest.mark.parametrize(
    ("figures", "looked"),
    [
        ({}, {}),
        ({"server_errors": 9}, {}),
        ({"p95_milliseconds": 999}, {}),
        ({"requests": 19, "server_errors": 19, "p95_milliseconds": 10_000}, {}),
        ({"requests": 10, "throttled": 9}, {}),
        ({"lag_seconds": 119}, {}),
        ({"certificate_days": 3}, {}),
        ({"certificate_days": None}, {}),
        ({"snapshot_hours": 47}, {}),
        ({"snapshot_hours": None, "age_hours": 47}, {}),
        ({"rows": 200_000, "dead_rows": 150_000}, {}),
        ({}, {"mails": 4, "mails_refused": 4}),
        ({}, {"uses": (Use("max_providers", 8, 10), Use("max_services", 5, 0))}),
    ],
)
def test_what_is_no_trouble_costs_nothing(figures, looked):
    assert troubles_of(replace(WELL, **figures), replace(SEEN, **looked)) == ()


def test_the_dearest_comes_first_and_a_score_ends_at_nothing():
    troubles = troubles_of(replace(WELL, dead_letters=1, is_quarantined=True, lag_seconds=3600), SEEN)

    assert [trouble.cause for trouble in troubles] == [Cause.QUARANTINED, Cause.LAG, Cause.DEAD_LETTERS]
    assert score_of(troubles) == 0
    assert score_of(()) == 100


@pytest.mark.parametrize(
    ("score", "state"),
    [(100, HealthState.GOOD), (80, HealthState.GOOD), (79, HealthState.WATCH), (50, HealthState.WATCH), (49, HealthState.BAD)],
)
def test_a_score_is_good_or_needs_a_look_or_is_bad(score, state):
    assert state_of(score) == state


@pytest.mark.parametrize(
    ("before", "score", "told"), [(90, 49, True), (None, 49, True), (49, 10, False), (90, 50, False), (10, 90, False)]
)
def test_somebody_is_told_once_when_it_falls_below_the_bound(before, score, told):
    assert has_fallen(before, score) is told


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (Figures.from_json, WELL),
        (Looked.from_json, SEEN),
        (Trouble.from_json, Trouble(Cause.LIMIT, 5, 92, "max_providers")),
    ],
)
def test_what_is_kept_is_read_back_as_it_was(read, value):
    assert read(json.loads(json.dumps(as_json(value)))) == value


def test_what_another_version_kept_is_left_out():
    assert Figures.from_json({"requests": 3, "from_the_future": 1}) == Figures(requests=3)


def test_who_is_neither_reached_nor_readable_pays_once():
    (trouble,) = troubles_of(replace(WELL, is_unreachable=True), replace(SEEN, is_readable=False))

    assert (trouble.cause, trouble.points) == (Cause.UNREADABLE, 60)
