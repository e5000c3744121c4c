"""Processes of the platform that a test starts, kills or stops: forked from one that has imported it, in a few milliseconds.

The standard library's fork server is a process of its own without threads, so nothing is held by a thread that is gone
(a fork of the suite's own process would be a gamble). It starts with the first child, once for each worker of the suite.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from django.conf import settings

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.factories.warmed"])
# A machine that is busy with something else is late; nobody waits for so long.
_PATIENCE_SECONDS = 120
_TAKEN_ALONG = ("HOST_CACHE_FOLLOWED_SECONDS", "MEDIA_ROOT", "MIGRATION_MODULES")
_CLUSTERS = ("DATABASES", "ADMIN_CLUSTERS", "PAGES_CLUSTERS")


def child(function: Callable[..., object], *args: object, log: Path | None = None) -> BaseProcess:
    """A process that calls `function` on the database and with the files of this test; not started yet."""
    world = {"database": settings.DATABASES["default"]["NAME"]} | {name: getattr(settings, name) for name in _TAKEN_ALONG}
    world["clusters"] = {
        name: {alias: it for alias, it in getattr(settings, name).items() if alias != "default"} for name in _CLUSTERS
    }
    # Daemons end with the suite, whatever becomes of the test.
    return _context.Process(target=_begin, args=(world, str(log or os.devnull), function, args), daemon=True)


def exit_codes(children: Iterable[BaseProcess]) -> list[int | None]:
    """Start all, wait until all have ended; how each did, a signal as a negative number."""
    children = list(children)
    for process in children:
        process.start()
    return [ended(process) for process in children]


def ended(process: BaseProcess) -> int | None:
    """How it ended, once it has."""
    process.join(_PATIENCE_SECONDS)
    code = process.exitcode
    if code is None:
        process.kill()
        process.join()
    process.close()
    return code


@contextmanager
def living(process: BaseProcess) -> Generator[BaseProcess]:
    """The process for the length of the block."""
    process.start()
    try:
        yield process
    finally:
        if process.is_alive():
            # One that holds its breath hears nothing.
            os.kill(process.pid or 0, signal.SIGCONT)
        process.terminate()
        ended(process)


def die(*_args: object, **_kwargs: object) -> None:
    """The end of this process, without a chance to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(milliseconds: int) -> None:
    """The same, at some moment."""
    signal.signal(signal.SIGALRM, die)
    signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000)


def _begin(world: dict[str, Any], log: str, function: Callable[..., object], args: tuple[object, ...]) -> None:  # Any: settings
    import django

    with Path(log).open("ab", buffering=0) as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    django.setup()
    from django.db import connection

    from tenants.backend.handler import follow_scopes

    name = world.pop("database")
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    for setting, entries in world.pop("clusters").items():
        getattr(settings, setting).update(entries)
    follow_scopes()
    for setting, value in world.items():
        setattr(settings, setting, value)
    settings.PROVISIONING_POOL_TARGET = 0
    function(*args)
