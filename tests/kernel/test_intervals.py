"""Sets of intervals behave as sets of instants: checked against a slow model that counts every minute."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.intervals import Interval, intersect, normalise, subtract, union

START = datetime(2026, 3, 29, tzinfo=UTC)
MINUTES = 40


def span(start: int, end: int) -> Interval:
    return Interval(START + timedelta(minutes=start), START + timedelta(minutes=end))


def minutes_of(intervals: list[Interval]) -> set[int]:
    """The slow model: the set of minutes that a list of intervals contains."""
    return {minute for minute in range(MINUTES) if any(each.contains(START + timedelta(minutes=minute)) for each in intervals)}


spans = st.tuples(st.integers(0, MINUTES - 1), st.integers(1, MINUTES)).filter(lambda ends: ends[0] < ends[1])
lists_of_spans = st.lists(spans.map(lambda ends: span(*ends)), max_size=12)


def is_normal(intervals: list[Interval]) -> bool:
    return all(earlier.end < later.start for earlier, later in pairwise(intervals))


@given(lists_of_spans)
def test_normalising_keeps_the_instants_and_leaves_gaps_between(intervals: list[Interval]) -> None:
    result = normalise(intervals)

    assert is_normal(result)
    assert minutes_of(result) == minutes_of(intervals)


@given(lists_of_spans)
def test_normalising_twice_changes_nothing(intervals: list[Interval]) -> None:
    assert normalise(normalise(intervals)) == normalise(intervals)


@pytest.mark.parametrize(
    ("operation", "model"),
    [(union, set.union), (intersect, set.intersection), (subtract, set.difference)],
)
@given(first=lists_of_spans, second=lists_of_spans)
def test_each_operation_does_to_intervals_what_it_does_to_sets(
    operation: Callable[..., list[Interval]],
    model: Callable[[set[int], set[int]], set[int]],
    first: list[Interval],
    second: list[Interval],
) -> None:
    result = operation(first, second)

    assert is_normal(result)
    assert minutes_of(result) == model(minutes_of(first), minutes_of(second))


@given(lists_of_spans, lists_of_spans)
def test_what_is_taken_and_what_is_left_are_the_whole(first: list[Interval], second: list[Interval]) -> None:
    assert union(subtract(first, second), intersect(first, second)) == normalise(first)


@given(spans, spans)
def test_two_intervals_overlap_exactly_when_they_share_something(first: tuple[int, int], second: tuple[int, int]) -> None:
    one, other = span(*first), span(*second)

    assert one.overlaps(other) == other.overlaps(one) == bool(intersect([one], [other]))


@given(spans, spans)
def test_an_interval_covers_another_exactly_when_nothing_sticks_out(first: tuple[int, int], second: tuple[int, int]) -> None:
    one, other = span(*first), span(*second)

    assert one.covers(other) == (not subtract([other], [one]))


def test_neighbours_touch_but_do_not_overlap() -> None:
    assert not span(0, 10).overlaps(span(10, 20))
    assert normalise([span(10, 20), span(0, 10)]) == [span(0, 20)]


def test_the_end_is_not_contained() -> None:
    hour = span(0, 10)

    assert hour.contains(hour.start)
    assert not hour.contains(hour.end)


def test_the_repeated_hour_in_autumn_lasts_two_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = Interval(datetime(2026, 10, 25, 2, 0, tzinfo=berlin), datetime(2026, 10, 25, 3, 0, tzinfo=berlin))

    assert night.duration == timedelta(hours=2)


def test_the_two_meanings_of_half_past_two_are_in_order() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    second = first.replace(fold=1)

    # Compared as they are, the two wall clocks are equal; the hour between them exists all the same.
    assert Interval(first, second).duration == timedelta(hours=1)
    assert Interval(first, second).contains(second) is False


@pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5)])
def test_an_interval_must_end_after_it_starts(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="end after"):
        span(start, end)


@pytest.mark.parametrize("naive", [0, 1])
def test_an_interval_needs_aware_ends(naive: int) -> None:
    ends = [START, START + timedelta(hours=1)]
    ends[naive] = ends[naive].replace(tzinfo=None)

    with pytest.raises(ValueError, match="aware"):
        Interval(*ends)


def test_a_long_list_is_not_compared_pair_by_pair() -> None:
    many = [span(3 * i, 3 * i + 2) for i in range(20_000)]
    holes = [span(3 * i + 1, 3 * i + 3) for i in range(20_000)]
    began = time.process_time()

    result = subtract(many, holes)

    assert len(result) == 20_000
    assert time.process_time() - began < 5  # 0.3 s; pair by pair it would be minutes
