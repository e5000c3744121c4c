"""Real processes for the isolation tests; each ends with its test, by its pid."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from ops.local.databases import address_of
from ops.local.home import ROOT
from ops.local.process import start_child, stop_child

_START_SECONDS = 120.0


def environment(**extra: str) -> dict[str, str]:
    """The environment of a process that works on this test's database and files, with keys in Redis that nobody else has."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": address_of(settings.DATABASES["default"]),
        "REDIS_PREFIX": f"test-{os.urandom(6).hex()}",
        "MEDIA_ROOT": settings.MEDIA_ROOT,
        "PYTHONWARNINGS": "ignore",
        **extra,
    }


@contextmanager
def running(command: list[str], *, env: Mapping[str, str], log: Path) -> Generator[subprocess.Popen[bytes]]:
    """The command as a child that is gone after the block."""
    child = start_child([sys.executable, "-m", *command], log=log, env=env, cwd=ROOT)
    try:
        yield child
    finally:
        stop_child(child, timeout_seconds=5)


def wait_for(port: int, is_alive: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and is_alive():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"The server did not start: {log.read_text()[-2000:]}")
