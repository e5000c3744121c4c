"""One real worker process that serves two tenants in turn: each task and event lands in the schema it came from."""

import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from kernel.outbox.models import MessageState, OutboxMessage
from ops.local.home import ROOT
from tenant_apps.catalog.models import Category
from tenant_apps.providers.models import Provider
from tenants.scope import platform_scope, tenant_scope
from tests.isolation.marks import canaries_in
from tests.isolation.servers import environment, running
from tests.isolation.world import TWIN

pytestmark = [
    pytest.mark.proves("isolation.tasks"),
    pytest.mark.servers,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("isolation-workers"),
]

ROUNDS = 20
_PATIENCE_SECONDS = 120.0


def _notes(tenant) -> list[str]:
    with tenant_scope(tenant):
        return list(Category.objects.filter(slug__startswith="noted-").values_list("name", flat=True))


def _done(world) -> int:
    return sum(len(_notes(tenant)) for tenant in world.twins)


def _settled() -> bool:
    with platform_scope(reason="test"):
        return not OutboxMessage.objects.exclude(state__in=[MessageState.DONE, MessageState.DEAD]).exists()


def _wait_until(fact) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.1)


@contextmanager
def _worker(env, log):
    command = ["celery", "-A", "tests.isolation.workers.app", "worker", "--pool=prefork", "--concurrency=1", "--loglevel=info"]
    with running([*command, "--without-mingle", "--without-gossip", "--without-heartbeat"], env=env, log=log) as worker:
        yield worker


def _send(env) -> None:
    command = [sys.executable, "-m", "tests.isolation.workers.sender", str(ROUNDS)]
    subprocess.run(command, env=env, cwd=ROOT, check=True, timeout=_PATIENCE_SECONDS)


def _strangers(world) -> list[str]:
    """Notes that do not name their own tenant throughout."""
    found = []
    for here, there in (world.twins, world.twins[::-1]):
        for note in _notes(here):
            own = note.split()[2:4] == [here.slug, here.slug] and canaries_in(note, here.slug)
            if not own or canaries_in(note, there.slug):
                found.append(f"{here.slug}: {note}")
    return found


@pytest.fixture
def fresh(world_database):
    yield world_database
    for tenant in world_database.twins:
        with tenant_scope(tenant):
            Category.objects.filter(slug__startswith="noted-").delete()
            Provider.objects.filter(user__email=TWIN.email("manager")).delete()
    # What a stopped worker had in its hands would wait for a sweeper that is not running here.
    with platform_scope(reason="test"):
        OutboxMessage.objects.all().delete()


def test_tasks_and_events_of_two_tenants_run_in_their_own_schemas(fresh, count, tmp_path):
    env = environment()
    with _worker(env, tmp_path / "worker.log"):
        _send(env)
        _wait_until(lambda: _done(fresh) == 2 * ROUNDS and _settled())

    strangers = _strangers(fresh)
    count(attempts=_done(fresh) + 2, failures=len(strangers))
    assert strangers == []
    assert _settled(), (tmp_path / "worker.log").read_text()[-2000:]
    assert [len(_notes(tenant)) for tenant in fresh.twins] == [ROUNDS, ROUNDS], (tmp_path / "worker.log").read_text()[-2000:]
    for tenant in fresh.twins:
        with tenant_scope(tenant):
            assert Provider.objects.filter(user__email=TWIN.email("manager")).count() == 1


@pytest.mark.control
def test_a_worker_that_keeps_its_first_scope_is_caught(fresh, count, tmp_path):
    """Negative control: the scope looked up once per process sends the twin's tasks to the wrong schema, or fails them."""
    env = environment(STOA_SABOTAGE="first_scope")
    with _worker(env, tmp_path / "worker.log"):
        _send(env)
        _wait_until(lambda: bool(_strangers(fresh)))

    strangers = _strangers(fresh)
    count(controls=1, controls_caught=int(bool(strangers)))
    assert strangers
