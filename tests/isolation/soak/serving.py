"""gunicorn's threads, as a deployment runs them, in a process that has the platform loaded already."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from ops.local.process import free_port
from tests.factories.children import child, living
from tests.isolation.servers import wait_for

THREADS = 8


@contextmanager
def gunicorn(sabotage: str, *, log: Path) -> Generator[int]:
    """The pages on real threads, with the leak of this name seeded; yields the port."""
    port = free_port()
    log.touch()
    with living(child(_serve, sabotage, port, log=log)) as process:
        wait_for(port, process.is_alive, log)
        yield port


def _serve(sabotage: str, port: int) -> None:
    from gunicorn.app.wsgiapp import run

    warnings.simplefilter("ignore")
    os.environ["STOA_SABOTAGE"] = sabotage
    # Keys in Redis that nobody else has, whatever a leak puts there.
    settings.REDIS_PREFIX = settings.CACHES["default"]["KEY_PREFIX"] = f"test-{os.urandom(6).hex()}"
    bind = f"--bind=127.0.0.1:{port}"
    lasting = ["--keep-alive=120", "--timeout=120", "--graceful-timeout=5"]
    sys.argv = ["gunicorn", "tests.isolation.soak.wsgi", bind, "--worker-class=gthread", f"--threads={THREADS}", *lasting]
    run()
