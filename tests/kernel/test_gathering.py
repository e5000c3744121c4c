"""Bells of jobs that come in crowds: the first at once, then one for all of a moment, and none is ever missing at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import transaction

from kernel import wiring
from kernel.jobs import Job, enqueue, kinds
from kernel.outbox import gathering as module
from kernel.outbox.gathering import Gathering
from kernel.outbox.shards import LONG_SHARD, PLATFORM_SHARD
from tenants.scope import platform_scope
from tests.kernel.job_samples import Sweep

MOMENT = 0.1


class Clock:
    """What time it is, and what is to be done later."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waiting: list[tuple[float, Callable[[], None]]] = []

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self.waiting.append((self.now + seconds, act))

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        due = [act for at, act in self.waiting if at <= self.now]
        self.waiting = [(at, act) for at, act in self.waiting if at > self.now]
        for act in due:
            act()


@pytest.fixture
def rung(monkeypatch) -> list[int]:
    shards: list[int] = []
    monkeypatch.setattr(wiring, "ring_doorbell", lambda _ids, *, shard: shards.append(shard))
    return shards


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bells(clock) -> Gathering:
    return Gathering(later=clock.later, now=lambda: clock.now)


def test_the_first_of_a_crowd_is_rung_for_at_once_and_all_others_once(rung, bells, clock):
    for _ in range(20):
        bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)
    at_once = list(rung)
    clock.pass_time(MOMENT)

    assert at_once == [PLATFORM_SHARD]
    assert rung == [PLATFORM_SHARD] * 2
    assert clock.waiting == []


def test_whoever_comes_after_the_last_bell_gets_one_of_their_own(rung, bells, clock):
    bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)
    bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)
    clock.pass_time(MOMENT)
    bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)
    clock.pass_time(MOMENT)

    assert len(rung) == 3


def test_who_comes_alone_never_waits(rung, bells, clock):
    for number in range(1, 4):
        bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)
        assert len(rung) == number
        clock.pass_time(MOMENT)

    assert len(rung) == 3


def test_what_comes_while_the_bell_is_rung_is_rung_for_again(bells, clock, monkeypatch):
    rung = []

    def ring(_ids, *, shard: int) -> None:
        rung.append(shard)
        if len(rung) == 2:
            # Committed after the worker may have looked.
            bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)

    monkeypatch.setattr(wiring, "ring_doorbell", ring)
    bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)
    bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)
    clock.pass_time(MOMENT)
    clock.pass_time(MOMENT)

    assert len(rung) == 3


def test_shards_do_not_wait_for_each_other(rung, bells):
    bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)
    bells.ring(LONG_SHARD, moment_seconds=MOMENT)

    assert rung == [PLATFORM_SHARD, LONG_SHARD]


def test_where_nothing_can_be_done_later_it_is_done_now(rung, clock):
    def no_thread(_seconds: float, _act: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    bells = Gathering(later=no_thread, now=lambda: clock.now)
    for _ in range(3):
        bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)

    assert len(rung) == 3


def test_a_forked_child_waits_for_no_bell_of_its_parents(rung, bells):
    bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)
    bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)
    bells.forget()

    bells.ring(PLATFORM_SHARD, moment_seconds=MOMENT)

    assert len(rung) == 2


def _crowd_of(job: Job, monkeypatch, *, comes_in_crowds: bool) -> None:
    kind = replace(kinds()[type(job)], comes_in_crowds=comes_in_crowds)
    monkeypatch.setattr(wiring, "job_kinds", lambda: {type(job): kind})
    for _ in range(5):
        with platform_scope(reason="test"), transaction.atomic():
            enqueue(job)


@pytest.mark.usefixtures("committed", "wired")
@pytest.mark.parametrize(("comes_in_crowds", "bells_at_once"), [(True, 1), (False, 5)], ids=["crowd", "single"])
def test_only_kinds_that_say_so_are_gathered(rung, bells, monkeypatch, settings, comes_in_crowds, bells_at_once):
    settings.BELLS_GATHERED_MS = 100
    monkeypatch.setattr("kernel.jobs.gathering", bells)

    _crowd_of(Sweep(1), monkeypatch, comes_in_crowds=comes_in_crowds)

    assert len(rung) == bells_at_once


@pytest.mark.usefixtures("committed", "wired")
def test_without_a_moment_each_is_rung_for(rung, monkeypatch, settings):
    settings.BELLS_GATHERED_MS = 0

    _crowd_of(Sweep(1), monkeypatch, comes_in_crowds=True)

    assert len(rung) == 5


def test_a_bell_that_waits_is_rung_by_a_thread_that_the_process_waits_for(rung):
    bells = Gathering()
    for _ in range(2):
        bells.ring(PLATFORM_SHARD, moment_seconds=0.01)
    for thread in [each for each in module.threading.enumerate() if isinstance(each, module.threading.Timer)]:
        assert not thread.daemon
        thread.join(30)

    assert len(rung) == 2
