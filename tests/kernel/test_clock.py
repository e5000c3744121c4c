"""The clock answers in UTC, and can be stopped."""

from datetime import UTC, datetime, timedelta

import time_machine

from kernel import clock


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_both_clocks_tell_the_same_time_to_the_millisecond() -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 123_456, tzinfo=UTC)

    with time_machine.travel(moment, tick=False):
        assert clock.now() == moment
        assert clock.epoch_milliseconds() == 1_774_747_800_123
