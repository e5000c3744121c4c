"""Real processes of the platform on a test's own database."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from django.conf import settings

from ops.local.databases import address_of
from ops.local.home import ROOT
from ops.local.process import start_child, stop_child


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that works on the same database and files as the test."""
    return (
        dict(os.environ)
        | {
            "DATABASE_URL": address_of(settings.DATABASES["default"]),
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "POOL_TARGET": "0",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        }
        | more
    )


@contextmanager
def running(*command: str, log: Path, **more: str) -> Generator[Popen[bytes]]:
    """`python <command>` for the length of the block."""
    child = start_child([sys.executable, *command], log=log, env=environment(**more), cwd=ROOT)
    try:
        yield child
    finally:
        stop_child(child)
