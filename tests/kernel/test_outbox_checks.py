"""A mistake in the table of subscriptions is found at start-up, with a sentence that says where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from kernel.events import Event
from kernel.outbox.checks import check_plugs, check_subscriptions
from tests.kernel import samples

if TYPE_CHECKING:
    from kernel.money import Money

GOOD = "tests.kernel.samples.pour_tea"


@dataclass(frozen=True)
class CarriesAFloat(Event):
    temperature: float


class ForgotTheDecorator(Event):
    kettle_id: UUID


@dataclass(frozen=True)
class Namesake(Event):
    event_type = samples.KettleBoiled.event_type


@dataclass(frozen=True)
class NeedsAnImport(Event):
    price: Money


class NoEvent:
    pass


def takes_two(event: Event, other: int) -> None: ...


def takes_none() -> None: ...


def takes_by_name_only(*, event: Event) -> None: ...


def takes_one_and_options(event: Event, retries: int = 3, **options: int) -> None: ...


@pytest.fixture
def complaints(monkeypatch, wired) -> Callable[[dict[type, object]], list[str]]:
    """What the check says of a table."""

    def check(table: dict[type, object]) -> list[str]:
        monkeypatch.setattr(samples, "SUBSCRIPTIONS", table)
        return [f"{message.id} {message.msg}" for message in check_subscriptions(None)]

    return check


def test_a_sound_table_is_accepted(complaints) -> None:
    here = f"{__name__}.takes_one_and_options"

    assert complaints({samples.KettleBoiled: (GOOD, here), samples.Everything: (GOOD,), samples.NobodyCares: ()}) == []


@pytest.mark.parametrize(
    ("event_class", "says"),
    [
        (CarriesAFloat, "CarriesAFloat.temperature: events do not carry"),
        (ForgotTheDecorator, "ForgotTheDecorator is not a dataclass"),
        (NeedsAnImport, "NeedsAnImport: the type of a field must be imported"),
        (NoEvent, "is not an Event"),
    ],
)
def test_an_event_that_cannot_be_stored_is_found(complaints, event_class: type, says: str) -> None:
    (complaint,) = complaints({event_class: (GOOD,)})

    assert complaint.startswith("outbox.E002")
    assert says in complaint


@pytest.mark.parametrize(
    ("handlers", "says"),
    [
        (("tests.kernel.samples.nobody",), "there is no handler tests.kernel.samples.nobody"),
        (("tests.kernel.nowhere.pour_tea",), "there is no handler"),
        (("pour_tea",), "there is no handler"),
        (("tests.kernel.samples.GOOD_NAME",), "there is no handler"),
        (("tests.kernel.samples.calls",), "must take exactly one argument"),
        ((f"{__name__}.takes_two",), "must take exactly one argument"),
        ((f"{__name__}.takes_none",), "must take exactly one argument"),
        ((f"{__name__}.takes_by_name_only",), "must take exactly one argument"),
        ((GOOD, GOOD), "is subscribed 2 times"),
        (GOOD, "stands alone"),
    ],
)
def test_a_handler_that_would_fail_at_the_first_event_is_found(complaints, handlers: object, says: str) -> None:
    (complaint,) = complaints({samples.KettleBoiled: handlers})

    assert complaint.startswith("outbox.E003")
    assert says in complaint


def test_two_events_of_one_name_are_found(complaints) -> None:
    (complaint,) = complaints({samples.KettleBoiled: (), Namesake: ()})

    assert complaint == "outbox.E004 two events are called samples.kettle_boiled.v1"


@pytest.mark.parametrize("path", ["tests.kernel.samples.NO_TABLE", "nowhere.at.all", "tests.kernel.samples.calls"])
def test_a_setting_that_names_no_table_is_found(settings, wired, path: str) -> None:
    settings.EVENT_SUBSCRIPTIONS = path

    (complaint,) = check_subscriptions(None)

    assert complaint.id == "outbox.E001"


@pytest.mark.parametrize("name", ["OUTBOX_TENANT_ID", "OUTBOX_ENTER_SCOPE", "OUTBOX_DOORBELL", "LOCK_NAMESPACE"])
@pytest.mark.parametrize("path", ["nowhere.at.all", "tests.kernel.samples.calls"])
def test_a_setting_that_names_no_function_is_found(settings, name: str, path: str) -> None:
    setattr(settings, name, path)

    (complaint,) = check_plugs(None)

    assert (complaint.id, name in complaint.msg) == ("outbox.E005", True)


def test_a_setting_that_is_not_there_is_found(settings) -> None:
    del settings.OUTBOX_DOORBELL

    (complaint,) = check_plugs(None)

    assert "OUTBOX_DOORBELL" in complaint.msg


def test_the_projects_own_wiring_is_sound() -> None:
    assert check_plugs(None) == []
    assert check_subscriptions(None) == []
