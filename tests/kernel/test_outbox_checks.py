"""A mistake in the table of subscriptions is found at start-up, with a sentence that says where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from kernel.events import Event
from kernel.jobs import Job, Kind
from kernel.outbox.checks import check_jobs, check_plugs, check_subscriptions
from tests.kernel import job_samples, samples

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


@pytest.mark.parametrize(
    "name", ["OUTBOX_TENANT_ID", "OUTBOX_ENTER_SCOPE", "OUTBOX_DOORBELL", "OUTBOX_STANDINGS", "LOCK_NAMESPACE"]
)
@pytest.mark.parametrize("path", ["nowhere.at.all", "tests.kernel.samples.calls"])
def test_a_setting_that_names_no_function_is_found(settings, name: str, path: str) -> None:
    setattr(settings, name, path)

    (complaint,) = check_plugs(None)

    assert (complaint.id, name in complaint.msg) == ("outbox.E005", True)


def test_a_setting_that_is_not_there_is_found(settings) -> None:
    del settings.OUTBOX_DOORBELL

    (complaint,) = check_plugs(None)

    assert "OUTBOX_DOORBELL" in complaint.msg


@dataclass(frozen=True)
class Heavy(Job):
    weight: float


JOB = Kind(handler="tests.kernel.job_samples.handle")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({samples.KettleBoiled: JOB}, "is not a Job"),
        ({Heavy: JOB}, "do not carry"),
        ({job_samples.Sweep: Kind(handler="nowhere.at.all")}, "there is no handler"),
        ({job_samples.Sweep: Kind(handler=f"{__name__}.takes_two")}, "must take exactly one argument"),
        ({job_samples.Sweep: Kind(handler=JOB.handler, lease_seconds=3600)}, "a lease is 1 to 300 seconds"),
        ({job_samples.Sweep: Kind(handler=JOB.handler, attempts=0)}, "at least one attempt"),
    ],
)
def test_a_kind_of_job_that_would_fail_at_the_first_is_found(wired, monkeypatch, table, says: str) -> None:
    monkeypatch.setattr(job_samples, "KINDS", table)
    # An event in the wrong table would have its name twice, too.
    monkeypatch.setattr(samples, "SUBSCRIPTIONS", {})

    (complaint,) = check_jobs(None)

    assert complaint.id == "outbox.E007"
    assert says in complaint.msg


def test_a_job_that_is_called_like_an_event_is_found(wired, monkeypatch) -> None:
    monkeypatch.setattr(job_samples.Sweep, "event_type", samples.KettleBoiled.event_type)

    (complaint,) = check_jobs(None)

    assert complaint.msg == "two jobs or events are called samples.kettle_boiled.v1"


def test_a_setting_that_names_no_table_of_kinds_is_found(settings, wired) -> None:
    settings.JOB_KINDS = "nowhere.at.all"

    (complaint,) = check_jobs(None)

    assert complaint.id == "outbox.E006"


def test_the_projects_own_wiring_is_sound() -> None:
    assert check_plugs(None) == []
    assert check_jobs(None) == []
    assert check_subscriptions(None) == []
