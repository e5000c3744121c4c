"""An event is written as JSON and read back as what it was, or refused with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.event_fields import is_supported
from kernel.events import Event, EventFormatError
from tests.kernel.samples import Colour, Everything, KettleBoiled, Size

KETTLE = UUID("019a3f5e-7c00-7000-8000-000000000001")
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

everything = st.builds(
    Everything,
    an_id=st.uuids(),
    a_moment=st.datetimes(timezones=st.timezones()),
    a_day=st.dates(),
    a_number=st.integers(),
    a_text=st.text(),
    a_switch=st.booleans(),
    a_colour=st.sampled_from(Colour),
    a_size=st.sampled_from(Size),
    perhaps=st.none() | st.integers(),
    many=st.lists(st.uuids(), max_size=3).map(tuple),
    pair=st.tuples(st.text(), st.none() | st.dates()),
)


@given(everything)
def test_every_event_survives_the_round_trip(event: Everything) -> None:
    arrived = Everything.from_payload(event.to_payload())

    # A moment comes back as the same instant in UTC; compared through UTC, because one in a gap is unequal even to itself.
    assert arrived.a_moment == event.a_moment.astimezone(UTC)
    assert arrived.to_payload() == event.to_payload()


def test_a_moment_is_stored_in_utc() -> None:
    event = KettleBoiled(KETTLE, datetime.fromisoformat("2026-06-01T14:00:00+02:00"))

    assert event.to_payload()["boiled_at"] == "2026-06-01T12:00:00+00:00"


def test_an_event_is_named_by_its_app_its_class_and_its_version() -> None:
    assert KettleBoiled.event_type == "samples.kettle_boiled.v1"


def test_an_event_may_pin_its_name_and_raise_its_version() -> None:
    @dataclass(frozen=True)
    class KettleBoiledDry(Event):
        version = 2

    assert Everything.event_type == "samples.all_kinds.v3"
    assert KettleBoiledDry.event_type.endswith(".kettle_boiled_dry.v2")


def test_a_field_that_was_added_with_a_default_may_be_missing() -> None:
    payload = KettleBoiled(KETTLE, NOON, cups=5).to_payload()
    del payload["cups"]

    assert KettleBoiled.from_payload(payload) == KettleBoiled(KETTLE, NOON, cups=1)


def test_a_field_of_a_later_version_is_left_out() -> None:
    payload = KettleBoiled(KETTLE, NOON).to_payload() | {"temperature": 100}

    assert KettleBoiled.from_payload(payload) == KettleBoiled(KETTLE, NOON)


@pytest.mark.parametrize(
    "change",
    [
        {"kettle_id": 7},
        {"kettle_id": "seven"},
        {"kettle_id": None},
        {"boiled_at": "2026-06-01T12:00:00"},
        {"boiled_at": "noon"},
        {"boiled_at": 0},
        {"cups": "2"},
        {"cups": True},
        {"cups": 2.0},
        {"cups": None},
    ],
)
def test_a_payload_of_another_form_is_refused(change: dict[str, object]) -> None:
    payload = KettleBoiled(KETTLE, NOON).to_payload() | change

    with pytest.raises(EventFormatError, match="kettle_boiled"):
        KettleBoiled.from_payload(payload)


def test_a_missing_field_without_a_default_is_refused() -> None:
    with pytest.raises(EventFormatError, match="boiled_at"):
        KettleBoiled.from_payload({"kettle_id": str(KETTLE)})


@pytest.mark.parametrize(
    "change", [{"many": "x"}, {"many": [1]}, {"pair": ["a"]}, {"pair": ["a", "b"]}, {"a_colour": "green"}, {"a_size": 3}]
)
def test_a_payload_with_a_wrong_part_is_refused(change: dict[str, object]) -> None:
    event = Everything(KETTLE, NOON, date(2026, 6, 1), 1, "", True, Colour.RED, Size.SMALL, None, (), ("a", None))

    with pytest.raises(EventFormatError):
        Everything.from_payload(event.to_payload() | change)


@pytest.mark.parametrize(
    "value",
    [1.5, datetime(2026, 6, 1), [1], {"a": 1}, {1}, b"x", timedelta(1), object(), (1, 2.5)],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_carry_safely_is_refused_when_it_is_written(value: object) -> None:
    event = KettleBoiled(KETTLE, NOON, cups=value)  # type: ignore[arg-type]

    with pytest.raises(TypeError):
        event.to_payload()


@dataclass(frozen=True)
class LampSwitched(Event):
    position: Literal["on", "off"]


@dataclass(frozen=True)
class CarriesAFloat(Event):
    temperature: float


def test_one_of_a_few_words_is_read_back_and_another_word_refused() -> None:
    assert LampSwitched.from_payload({"position": "off"}) == LampSwitched("off")
    with pytest.raises(EventFormatError):
        LampSwitched.from_payload({"position": "dimmed"})


def test_a_field_that_events_do_not_carry_is_not_read_either() -> None:
    with pytest.raises(EventFormatError, match="do not carry"):
        CarriesAFloat.from_payload({"temperature": 1})


def test_an_event_cannot_be_changed() -> None:
    event = KettleBoiled(KETTLE, NOON)

    with pytest.raises(AttributeError):
        event.cups = 3  # type: ignore[misc]


class Rank(IntEnum):
    FIRST = 1


type Name = str


@pytest.mark.parametrize(
    "annotation",
    [int, str, bool, UUID, date, datetime, Colour, Rank, Name, int | None, tuple[int, ...], tuple[int, str], Literal["a", "b"]],
    ids=str,
)
def test_these_kinds_of_fields_are_supported(annotation: object) -> None:
    assert is_supported(annotation)


@pytest.mark.parametrize(
    "annotation",
    [
        float,
        bytes,
        list[int],
        dict[str, int],
        int | str,
        int | str | None,
        tuple,
        tuple[float, ...],
        object,
        timedelta,
        Literal[b"a"],
    ],
    ids=str,
)
def test_these_kinds_of_fields_are_not(annotation: object) -> None:
    assert not is_supported(annotation)
