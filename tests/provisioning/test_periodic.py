"""The sweeper: due jobs, one process at a time, nobody held up by another's trouble."""

from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from django.db import connections
from django.utils.module_loading import import_string

from config.celery import app
from config.schedule import JOBS, PlatformScheduler
from provisioning import periodic
from provisioning.periodic import PeriodicJob, Sweeper, configured_jobs
from tenants.errors import NoTenant
from tenants.scope import current_tenant, require_scope
from tenants.session_locks import trying

pytestmark = pytest.mark.usefixtures("committed")


class FakeTask:
    """Stands for a Celery task; `module.fake_task` finds the current one."""

    name = "fake"

    def __init__(self, act=lambda: None) -> None:
        self.ran, self.sent, self.expires, self.queues, self._act = [], [], [], [], act

    def run(self) -> None:
        self.ran.append(require_scope().key)
        self._act()

    def apply_async(self, *, expires: float, queue: str) -> None:
        self.sent.append(current_tenant().slug)
        self.expires.append(expires)
        self.queues.append(queue)


@pytest.fixture
def task(monkeypatch) -> FakeTask:
    task = FakeTask()
    monkeypatch.setattr(periodic, "import_string", lambda _path: task)
    return task


def test_a_job_runs_when_it_is_due_and_not_before(task):
    sweeper = Sweeper([PeriodicJob("any", timedelta(hours=1))])

    assert len(sweeper.sweep()) == 1
    assert sweeper.sweep() == []

    assert task.ran == ["platform"]


def test_a_job_of_the_tenants_is_sent_once_in_each_tenants_scope(task):
    Sweeper([PeriodicJob("any", timedelta(0), in_each_tenant=True)]).sweep()

    assert sorted(task.sent) == ["alpha", "beta"]
    assert task.ran == []


def test_a_job_of_the_tenants_is_worth_nothing_once_the_next_is_sent(task):
    Sweeper([PeriodicJob("any", timedelta(minutes=1), in_each_tenant=True)]).sweep()

    assert task.expires == [60.0, 60.0]
    assert task.queues == ["rounds", "rounds"]


def test_while_no_worker_fetches_anything_nothing_more_is_sent(task, monkeypatch, caplog):
    monkeypatch.setattr(periodic, "are_workers_behind", lambda _queue: True)

    Sweeper([PeriodicJob("any", timedelta(0), in_each_tenant=True)]).sweep()

    assert task.sent == []
    assert "workers away" in caplog.text


def test_a_job_that_breaks_holds_nobody_up(monkeypatch):
    broken, whole = FakeTask(lambda: 1 / 0), FakeTask()
    monkeypatch.setattr(periodic, "import_string", {"broken": broken, "whole": whole}.get)

    ran = Sweeper([PeriodicJob("broken", timedelta(0)), PeriodicJob("whole", timedelta(0))]).sweep()

    assert [job.task for job in ran] == ["whole"]
    assert whole.ran == ["platform"]


def test_a_job_that_loses_the_connection_lets_no_second_sweeper_in(monkeypatch):
    rivals = []

    def lose_the_connection() -> None:
        connections.close_all()
        with trying("sweeper") as has_it:
            rivals.append(has_it)

    monkeypatch.setattr(periodic, "import_string", lambda _path: FakeTask(lose_the_connection))

    Sweeper([PeriodicJob("one", timedelta(0)), PeriodicJob("other", timedelta(0))]).sweep()

    assert rivals == [False, False]


def test_while_one_sweeps_the_other_waits_for_its_next_turn(task):
    held, done = Event(), Event()

    def rival() -> None:
        try:
            with trying("sweeper") as has_it:
                assert has_it
                held.set()
                done.wait(10)
        finally:
            connections.close_all()

    thread = Thread(target=rival)
    thread.start()
    held.wait(10)
    sweeper = Sweeper([PeriodicJob("any", timedelta(0))])

    during = sweeper.sweep()
    done.set()
    thread.join()

    assert during == []
    assert len(sweeper.sweep()) == 1


def test_every_job_in_the_table_names_a_task_and_a_run_is_looked_for_every_two_seconds():
    assert configured_jobs() == JOBS
    for job in JOBS:
        assert import_string(job.task).name
    (sweep,) = [job for job in JOBS if job.task.endswith("sweep_runs")]
    assert sweep.every <= timedelta(seconds=2)


@pytest.fixture
def beat(tmp_path, monkeypatch):
    """Starts beat on one schedule file; what it sends is noted as task and scope."""
    sent = []
    monkeypatch.setattr(
        "celery.beat.Scheduler.apply_async", lambda _self, entry, **_: sent.append((entry.task, require_scope().key))
    )

    @contextmanager
    def start():
        scheduler = PlatformScheduler(app, schedule_filename=str(tmp_path / "schedule"), lazy=False)
        try:
            yield scheduler
        finally:
            scheduler.close()

    return SimpleNamespace(start=start, sent=sent)


def _let_a_day_pass(scheduler) -> None:
    for entry in scheduler.schedule.values():
        entry.last_run_at -= timedelta(days=1)


def test_beat_sends_every_job_that_is_not_the_tenants_in_the_platforms_scope(beat):
    jobs = [job for job in JOBS if not job.in_each_tenant]

    with beat.start() as scheduler:
        _let_a_day_pass(scheduler)
        while len(beat.sent) < len(jobs) and scheduler.tick() == 0:
            pass

    assert sorted(beat.sent) == sorted((import_string(job.task).name, "platform") for job in jobs)
    with pytest.raises(NoTenant):
        require_scope()


def test_beat_started_again_remembers_when_it_sent_what_is_due_once_a_day(beat):
    with beat.start() as scheduler:
        _let_a_day_pass(scheduler)
        before = {name: entry.last_run_at for name, entry in scheduler.schedule.items()}

    with beat.start() as scheduler:
        after = {name: entry.last_run_at for name, entry in scheduler.schedule.items()}

    assert after == before
