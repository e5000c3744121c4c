"""What becomes of counts when their process is forked, ends, or is killed."""

import atexit
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings

from kernel import clock
from tenants.traffic.flushing import Flusher, flusher
from tenants.traffic.meter import Meter, meter
from tenants.traffic.selectors import traffic_of
from tenants.traffic.slow import SlowMeter
from tests.factories.children import child, die, exit_codes
from tests.factories.tenants import ALPHA_ID

MINE = ALPHA_ID
_PATIENCE_SECONDS = 60


def count(times: int) -> None:
    for _ in range(times):
        meter.note(MINE, status=200, seconds=0.01)


def written() -> int:
    return traffic_of([MINE], clock.now() - timedelta(hours=1))[MINE].requests


def count_and_end() -> None:
    settings.TRAFFIC_FLUSH_SECONDS = 3600
    count(3)
    flusher.ensure_running()
    # A child of the fork server ends without this; gunicorn's and everybody else's processes end by it.
    atexit._run_exitfuncs()


def count_and_die() -> None:
    count(3)
    flusher.flush()
    count(2)
    die()


def count_and_wait() -> None:
    settings.TRAFFIC_FLUSH_SECONDS = 0.05
    count(3)
    flusher.ensure_running()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while written() < 6:  # the twin's, too
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.servers
@pytest.mark.parametrize(
    ("life", "code", "counted"),
    [
        pytest.param(count_and_end, 0, 3, id="the last flush of a process that ends"),
        pytest.param(count_and_die, -signal.SIGKILL, 3, id="a kill loses what was counted since the last flush"),
        pytest.param(count_and_wait, 0, 3, id="the thread writes by itself"),
    ],
)
def test_of_a_process_that_ends_everything_is_written_and_of_a_killed_one_all_but_the_last(own_database, life, code, counted):
    codes = exit_codes([child(life), child(life)])

    assert (codes, written()) == ([code, code], 2 * counted)


def test_a_fork_begins_with_nothing_counted_and_no_thread(monkeypatch, settings):
    settings.TRAFFIC_FLUSH_SECONDS = 3600
    monkeypatch.setattr(threading.Thread, "start", lambda thread: None)
    parent = Flusher(Meter(), SlowMeter())
    parent._meter.note(MINE, status=200, seconds=0.01)
    parent.ensure_running()

    parent.reset()

    assert parent._thread is None
    assert parent._meter.take() == ({}, 0)


def test_nothing_is_begun_where_nothing_is_to_be_written(settings):
    settings.TRAFFIC_FLUSH_SECONDS = 0
    process = Flusher(Meter(), SlowMeter())

    process.ensure_running()

    assert process._thread is None
