"""A real PgBouncer: in transaction mode no process starts behind it, since half of the reads would be another's (R12, T4)."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from subprocess import Popen

import pytest
from django.conf import settings
from django.db import connection, connections

from ops.local.databases import address_of
from ops.local.home import ROOT
from ops.local.process import free_port, start_child, stop_child
from tenant_apps.catalog.models import Category
from tenants.hosts import context_for
from tenants.pooling import UntrackedPooler, refuse_untracking_pooler
from tenants.scope import tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.faults.pooler.bouncer import pgbouncer
from tests.isolation.servers import environment

pytestmark = [
    pytest.mark.proves("faults.pooler"),
    pytest.mark.servers,
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("own_database"),
]

_BIND = "127.0.0.1"
# As docker-compose.yml and ops.demo start them.
COMMANDS: dict[str, Callable[[], list[str]]] = {
    "setup": lambda: ["manage.py", "setup", "--strict"],
    "web": lambda: ["-m", "gunicorn", "config.wsgi", f"--bind={_BIND}:{free_port()}", "--worker-class=gthread", "--threads=2"],
    "live": lambda: ["-m", "uvicorn", "config.asgi:application", f"--host={_BIND}", f"--port={free_port()}"],
    "worker": lambda: ["-m", "celery", "-A", "config", "worker", "--pool=prefork", "--concurrency=1", "--without-mingle"],
    "sweeper": lambda: ["manage.py", "sweeper", "--once"],
}
_REFUSAL = "A pooler in transaction mode stands before PostgreSQL"
_PATIENCE_SECONDS = 120


@contextmanager
def behind(port: int) -> Generator[None]:
    """This process's own connections go through the pooler as well."""
    places = (connection.settings_dict, settings.DATABASES["default"])
    before = [place["PORT"] for place in places]
    for place in places:
        place["PORT"] = port
    connections.close_all()
    try:
        yield
    finally:
        connections.close_all()
        for place, old in zip(places, before, strict=True):
            place["PORT"] = old


def started(name: str, port: int, tmp_path) -> Popen[bytes]:
    """The process, on the database behind the pooler's port."""
    address = address_of(settings.DATABASES["default"] | {"PORT": port})
    env = environment(DATABASE_URL=address, MEDIA_ROOT=str(tmp_path), POOL_TARGET="0")
    return start_child([sys.executable, *COMMANDS[name]()], log=tmp_path / f"{name}.log", env=env, cwd=ROOT)


def test_in_transaction_mode_no_process_starts_and_each_says_why(count, tmp_path):
    with pgbouncer("transaction", folder=tmp_path) as port:
        children = {name: started(name, port, tmp_path) for name in COMMANDS}
        try:
            ended = {name: child.wait(_PATIENCE_SECONDS) for name, child in children.items()}
        finally:
            for child in children.values():
                stop_child(child, timeout_seconds=5)

    said = {name: _REFUSAL in (tmp_path / f"{name}.log").read_text() for name in COMMANDS}
    started_anyway = [name for name in COMMANDS if ended[name] == 0 or not said[name]]
    count(attempts=len(COMMANDS), failures=len(started_anyway))
    assert started_anyway == []


def test_in_session_mode_a_process_starts(tmp_path):
    with pgbouncer("session", folder=tmp_path) as port:
        child = started("sweeper", port, tmp_path)
        try:
            code = child.wait(_PATIENCE_SECONDS)
        finally:
            stop_child(child, timeout_seconds=5)

    assert code == 0, (tmp_path / "sweeper.log").read_text()[-2000:]


@pytest.mark.parametrize("servers", [1, 3])
def test_the_probe_tells_the_modes_apart_however_many_servers_there_are(tmp_path, servers):
    with pgbouncer("session", folder=tmp_path, servers=3) as port, behind(port):
        refuse_untracking_pooler()
    with pgbouncer("transaction", folder=tmp_path, servers=servers) as port, behind(port), pytest.raises(UntrackedPooler):
        refuse_untracking_pooler()


@pytest.mark.control
def test_without_the_probe_a_read_is_the_twins(tmp_path):
    """Negative control: what the processes are kept from. One reads, the twin reads, and the first one reads the twin's."""
    twins = (context_for(ALPHA_ID), context_for(BETA_ID))
    for tenant in twins:
        with tenant_scope(tenant):
            Category.objects.create(slug="whose", name=tenant.slug)

    with pgbouncer("transaction", folder=tmp_path, servers=1) as port, behind(port):
        seen = [whose(twins[0]), elsewhere(lambda: whose(twins[1])), whose(twins[0])]

    assert seen == ["alpha", "beta", "beta"]


def whose(tenant) -> str:
    with tenant_scope(tenant):
        return Category.objects.values_list("name", flat=True).get(slug="whose")


def elsewhere(ask: Callable[[], str]) -> str:
    """The answer on a connection of another thread."""
    answers: list[str] = []

    def run() -> None:
        answers.append(ask())
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return answers[0]
