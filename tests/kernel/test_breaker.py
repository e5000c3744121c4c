"""A server that is away is asked by one caller now and then, and by everybody once it answers."""

from __future__ import annotations

import pytest

from kernel import breaker as breaker_module
from kernel.breaker import Breaker


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """Seconds, as the breaker sees them."""
    moment = [0.0]
    monkeypatch.setattr(breaker_module.time, "monotonic", lambda: moment[0])
    return moment


def test_while_all_is_well_everybody_may_ask(clock):
    breaker = Breaker(pause_seconds=10)

    assert [breaker.may_try() for _ in range(3)] == [True, True, True]


def test_after_a_failure_one_asks_for_all_after_the_pause(clock):
    breaker = Breaker(pause_seconds=10)
    breaker.note_failure()

    during = breaker.may_try()
    clock[0] = 10.0
    after = [breaker.may_try() for _ in range(3)]

    assert (during, after) == (False, [True, False, False])


def test_an_answer_opens_it_for_everybody(clock):
    breaker = Breaker(pause_seconds=10)
    breaker.note_failure()

    breaker.note_success()

    assert [breaker.may_try() for _ in range(2)] == [True, True]


def test_only_the_first_failure_is_news(clock):
    breaker = Breaker(pause_seconds=10)

    assert [breaker.note_failure() for _ in range(3)] == [True, False, False]
