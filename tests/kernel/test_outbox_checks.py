"""A mistake in the table of subscriptions is found at start-up, with a sentence that says where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from kernel.events import Event
from kernel.jobs import Job, Kind
from kernel.outbox.checks import check_jobs, check_plugs, check_schedules, check_subscriptions
from kernel.schedules import Daily
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


SWEEP = Daily(job=job_samples.Sweep(1), hour=3)


@pytest.fixture
def schedules(settings, wired, monkeypatch) -> Callable[..., list[str]]:
    """What the check says of a table of schedules."""

    def check(*table: object) -> list[str]:
        monkeypatch.setattr(job_samples, "SCHEDULES", table, raising=False)
        settings.JOB_SCHEDULES = "tests.kernel.job_samples.SCHEDULES"
        return [f"{message.id} {message.msg}" for message in check_schedules(None)]

    return check


@pytest.mark.parametrize("hour", [0, 23])
def test_a_sound_table_of_schedules_is_accepted(schedules, hour: int) -> None:
    assert schedules(SWEEP, Daily(job=job_samples.Expire(), hour=hour)) == []


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ((job_samples.Sweep(1),), "Sweep(room=1) in the table of schedules is not a Daily"),
        (
            (Daily(job=job_samples.Unlisted(), hour=3),),
            "the schedule job_samples.unlisted.v1: its job stands in no table of kinds (JOB_KINDS)",
        ),
        ((Daily(job=SWEEP.job, hour=24),), "the schedule job_samples.sweep.v1: no clock shows the hour 24"),
        ((Daily(job=SWEEP.job, hour=-1),), "the schedule job_samples.sweep.v1: no clock shows the hour -1"),
        ((SWEEP, Daily(job=job_samples.Sweep(2), hour=4)), "two schedules are called job_samples.sweep.v1"),
    ],
)
def test_a_schedule_that_would_never_be_done_is_found(schedules, table: tuple[object, ...], says: str) -> None:
    assert schedules(*table) == [f"outbox.E009 {says}"]


@pytest.mark.parametrize("path", ["nowhere.at.all", "tests.kernel.job_samples.NO_TABLE", "tests.kernel.job_samples.handle"])
def test_a_setting_that_names_no_table_of_schedules_is_found(settings, path: str) -> None:
    settings.JOB_SCHEDULES = path

    (complaint,) = check_schedules(None)

    assert complaint.id == "outbox.E008"


def test_the_projects_own_wiring_is_sound() -> None:
    assert check_plugs(None) == []
    assert check_jobs(None) == []
    assert check_schedules(None) == []
    assert check_subscriptions(None) == []
