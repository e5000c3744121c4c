"""A real PgBouncer before the tests' PostgreSQL, in one of its modes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from django.conf import settings

from ops.local.process import free_port, start_child, stop_child, unprivileged_user
from ops.packages import find_program
from tests.isolation.servers import wait_for

_FILE = """\
[databases]
* = host={host} port={server} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {servers}
query_wait_timeout = 30
ignore_startup_parameters = extra_float_digits, options
"""


@contextmanager
def pgbouncer(mode: Literal["transaction", "session"], *, folder: Path, servers: int = 2) -> Generator[int]:
    """One whose clients share `servers` connections to the database (in session mode each has one to itself); its port."""
    program = find_program("pgbouncer")
    if program is None:
        pytest.fail("No PgBouncer on this machine: install one, or let `python -m ops.packages pgbouncer` do it.")
    database, port = settings.DATABASES["default"], free_port()
    file, log = folder / f"{mode}.ini", folder / f"{mode}.log"
    words = {"host": database["HOST"], "server": database["PORT"], "user": database["USER"]}
    file.write_text(_FILE.format(**words, port=port, mode=mode, servers=servers))
    # It reads its file first and then leaves root behind, as it must.
    switch = [] if unprivileged_user() is None else ["-u", "nobody"]
    child = start_child([program, "-q", *switch, str(file)], log=log)
    try:
        wait_for(port, lambda: child.poll() is None, log)
        yield port
    finally:
        stop_child(child, timeout_seconds=5)
