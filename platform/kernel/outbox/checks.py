"""Finds at start-up what would else be found by the first event: a handler that is not there, a field that cannot be stored."""

from __future__ import annotations

import dataclasses
import inspect
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from kernel import wiring
from kernel.event_fields import is_supported
from kernel.events import Event, field_types
from kernel.jobs import LONGEST_LEASE_SECONDS, Job, Kind, kinds
from kernel.messages import Message
from kernel.schedules import Daily

_PLUGS = (
    "OUTBOX_TENANT_ID",
    "OUTBOX_ENTER_SCOPE",
    "OUTBOX_DOORBELL",
    "OUTBOX_STANDINGS",
    "OUTBOX_CLUSTERS",
    "OUTBOX_ON_CLUSTER",
    "OUTBOX_BOOKS",
    "LOCK_NAMESPACE",
)
_HOURS = 24


@checks.register("outbox")
def check_plugs(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:  # Any: Django's own signature
    """Every setting by which the layers above plug into the kernel names a function that is there (kernel.wiring)."""
    del app_configs, kwargs
    return [checks.Error(problem, id="outbox.E005") for name in _PLUGS for problem in _plug_problems(name)]


def _plug_problems(name: str) -> Iterator[str]:
    try:
        plug = import_string(getattr(settings, name))
    except (ImportError, AttributeError) as error:
        yield f"the setting {name} must name a function: {error}"
        return
    if not callable(plug):
        yield f"the setting {name} must name a function, not {plug!r}"


@checks.register("outbox")
def check_subscriptions(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:  # Any: Django's own signature
    """Every subscribed event can be stored, and every handler exists and takes exactly the event."""
    del app_configs, kwargs
    try:
        table = wiring.subscriptions()
        items = list(table.items())
    except (ImportError, AttributeError) as error:
        return [checks.Error(f"EVENT_SUBSCRIPTIONS does not name a table of subscriptions: {error}", id="outbox.E001")]
    found: list[checks.CheckMessage] = []
    for event_class, handlers in items:
        found += [checks.Error(problem, id="outbox.E002") for problem in _event_problems(event_class)]
        found += [checks.Error(problem, id="outbox.E003") for problem in _handler_problems(handlers)]
    names = Counter(getattr(event_class, "event_type", None) for event_class in table)
    found += [
        checks.Error(f"two events are called {name}", id="outbox.E004") for name, count in names.items() if count > 1 and name
    ]
    return found


@checks.register("outbox")
def check_jobs(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:  # Any: Django's own signature
    """Every kind of job can be stored, its handler exists, its limits make sense, and no event has its name."""
    del app_configs, kwargs
    try:
        table, events = kinds(), wiring.subscriptions()
        items = list(table.items())
    except (ImportError, AttributeError) as error:
        return [checks.Error(f"JOB_KINDS does not name a table of kinds: {error}", id="outbox.E006")]
    problems = [problem for job_class, kind in items for problem in _job_problems(job_class, kind)]
    names = Counter(getattr(each, "event_type", None) for each in (*table, *events))
    problems += [f"two jobs or events are called {name}" for name, count in names.items() if count > 1 and name]
    return [checks.Error(problem, id="outbox.E007") for problem in problems]


@checks.register("outbox")
def check_schedules(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:  # Any: Django's own signature
    """Every schedule enqueues a known kind of job, at an hour that a clock shows, under a name of its own."""
    del app_configs, kwargs
    try:
        schedules, known = tuple(wiring.job_schedules()), kinds().keys()
    except (ImportError, AttributeError, TypeError) as error:
        return [checks.Error(f"JOB_SCHEDULES does not name a table of schedules: {error}", id="outbox.E008")]
    problems = [problem for schedule in schedules for problem in _schedule_problems(schedule, known)]
    # The name stands in the key by which each date's job exists once: of two, one would never be done.
    names = Counter(schedule.name for schedule in schedules if isinstance(schedule, Daily))
    problems += [f"two schedules are called {name}" for name, count in names.items() if count > 1]
    return [checks.Error(problem, id="outbox.E009") for problem in problems]


def _schedule_problems(schedule: object, known: Collection[type[Message]]) -> Iterator[str]:
    if not isinstance(schedule, Daily):
        yield f"{schedule!r} in the table of schedules is not a Daily"
        return
    if type(schedule.job) not in known:
        yield f"the schedule {schedule.name}: its job stands in no table of kinds (JOB_KINDS)"
    if schedule.hour not in range(_HOURS):
        yield f"the schedule {schedule.name}: no clock shows the hour {schedule.hour}"


def _job_problems(job_class: type, kind: Kind) -> Iterator[str]:
    yield from _message_problems(job_class, Job, "kinds")
    yield from _path_problems(kind.handler)
    name = getattr(job_class, "__qualname__", job_class)
    if not 0 < kind.lease_seconds <= LONGEST_LEASE_SECONDS:
        yield f"{name}: a lease is 1 to {LONGEST_LEASE_SECONDS} seconds; do longer work in parts"
    if kind.attempts < 1:
        yield f"{name}: at least one attempt"


def _event_problems(event_class: type) -> Iterator[str]:
    yield from _message_problems(event_class, Event, "subscriptions")


def _message_problems(event_class: type, base: type[Message], table: str) -> Iterator[str]:
    if not (isinstance(event_class, type) and issubclass(event_class, base)):
        yield f"{event_class!r} in the table of {table} is not {'an' if base is Event else 'a'} {base.__name__}"
        return
    if not vars(event_class).get("__dataclass_params__"):
        yield f"{event_class.__qualname__} is not a dataclass of its own: put @dataclass(frozen=True) on it"
        return
    try:
        types = field_types(event_class)
    except NameError as error:
        yield f"{event_class.__qualname__}: the type of a field must be imported at run time: {error}"
        return
    for field in dataclasses.fields(event_class):
        if not is_supported(types[field.name]):
            yield f"{event_class.__qualname__}.{field.name}: events do not carry {types[field.name]}"


def _handler_problems(handlers: Sequence[str]) -> Iterator[str]:
    if isinstance(handlers, str):
        yield f"handlers are a tuple of paths; {handlers!r} stands alone"
        return
    for path, count in Counter(handlers).items():
        if count > 1:
            yield f"{path} is subscribed {count} times to one event"
        yield from _path_problems(path)


def _path_problems(path: str) -> Iterable[str]:
    try:
        handler = import_string(path)
    except ImportError as error:
        return [f"there is no handler {path}: {error}"]
    if not callable(handler) or not _takes_one_argument(handler):
        return [f"the handler {path} must take exactly one argument, the event"]
    return []


def _takes_one_argument(handler: Any) -> bool:  # Any: whatever a path in the table leads to
    needed = [
        parameter
        for parameter in inspect.signature(handler).parameters.values()
        if parameter.default is parameter.empty and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    ]
    return len(needed) == 1 and needed[0].kind is not needed[0].KEYWORD_ONLY
