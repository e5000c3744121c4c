"""Starts PostgreSQL and Redis before Django's settings are read, once for all workers (`-p tests.plugins.servers`).

`make prove` starts them in the same way, once for all suites.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

import pytest

from ops.local.home import local_home
from ops.local.postgres import LocalPostgres, start_postgres
from ops.local.redis import LocalRedis, start_redis

# The workers share one Redis and have tenants with the same ids. Set before the settings are read, in each process anew.
os.environ["REDIS_PREFIX"] = f"test-{os.urandom(6).hex()}"

_servers: list[LocalPostgres | LocalRedis] = []
_locks: list[IO[str]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    start_servers()


def pytest_unconfigure() -> None:
    stop_servers()


def start_servers() -> None:
    """Point the environment at local servers where it names none. Workers inherit what the first process set."""
    if "DATABASE_URL" not in os.environ:
        home = _own_home()
        postgres = start_postgres(home / "postgres", durable=False)
        _servers.append(postgres)
        os.environ.update(postgres.addresses("postgres"))
        os.environ.setdefault("STOA_TEST_HOME", str(home))
    if "REDIS_URL" not in os.environ:
        redis = start_redis(Path(os.environ.get("STOA_TEST_HOME", local_home("test"))) / "redis", durable=False)
        _servers.append(redis)
        os.environ["REDIS_URL"] = redis.url()


def stop_servers() -> None:
    """Stop what was started here."""
    for server in _servers:
        server.stop()
    _servers.clear()
    for lock in _locks:
        lock.close()
    _locks.clear()


def _own_home() -> Path:
    """A folder that no other run uses now; the first one is kept warm between runs."""
    for number in range(1, 10):
        home = local_home("test" if number == 1 else f"test-{number}")
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _locks.append(lock)
        return home
    raise RuntimeError("Ten runs of the suite at once: enough.")
