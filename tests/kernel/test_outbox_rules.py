"""The relay waits longer each time, in proportion to whose fault it was, and not for ever."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import ForbiddenAddress, PermanentFailure, TemporaryFailure
from kernel.outbox.rules import RetryPolicy, delay_after_failure, delay_after_lost_lease

POLICY = RetryPolicy()


def waits(error: Exception, policy: RetryPolicy = POLICY) -> list[float]:
    """The delays in seconds after each attempt, until the message is given up."""
    delays: list[float] = []
    while (delay := delay_after_failure(error, len(delays) + 1, policy=policy, jitter=1)) is not None:
        delays.append(delay.total_seconds())
    return delays


def test_a_mistake_is_tried_again_at_doubling_distances() -> None:
    assert waits(ValueError()) == [10, 20, 40, 80, 160, 320, 640]


def test_an_outside_system_may_be_down_for_three_days() -> None:
    total = sum(waits(TemporaryFailure("down")))

    assert 2.5 < total / 86_400 < 3.5


@pytest.mark.parametrize("error", [PermanentFailure("no"), ForbiddenAddress("no")])
def test_a_permanent_failure_is_given_up_at_once(error: Exception) -> None:
    assert waits(error) == []


def test_the_other_sides_wish_is_respected_when_it_is_longer() -> None:
    assert waits(TemporaryFailure("429", retry_after_seconds=50))[:4] == [50, 50, 50, 80]


@given(st.integers(1, 10**6), st.floats(0.8, 1.2))
def test_no_delay_is_ever_longer_than_an_hour_and_its_jitter(attempts: int, jitter: float) -> None:
    patient = RetryPolicy(max_attempts=10**7)

    delay = delay_after_failure(ValueError(), attempts, policy=patient, jitter=jitter)

    assert delay is not None
    assert timedelta(seconds=8) <= delay <= timedelta(hours=1.2)


def test_a_lost_worker_is_forgiven_once_then_doubted_then_believed_to_be_killed_by_the_message() -> None:
    delays = [delay_after_lost_lease(lost, policy=POLICY, jitter=1) for lost in (1, 2, 3)]

    assert delays == [timedelta(0), timedelta(seconds=20), None]
