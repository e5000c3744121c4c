"""A server that keeps its WAL, backups of it, and side clusters that are recovered from them as an operator does it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from ops.local.home import ROOT, local_home
from ops.local.postgres import SUPERUSER, LocalPostgres, programs, start_postgres
from ops.local.process import free_port, start_child, stop_child, unprivileged_user

DATABASE = "stoa_rewinding"
# A machine that is busy with something else is late; nobody waits for so long.
_PATIENCE_SECONDS = 120
_PORT_TAKEN = "could not create any TCP/IP sockets"


@dataclass(frozen=True)
class Place:
    """A folder that belongs to whoever the servers run as: the living server's, its archive of WAL, backups, side clusters."""

    home: Path
    user: int | None

    @property
    def wal(self) -> Path:
        return self.home / "wal"

    @property
    def backup(self) -> Path:
        return self.home / "backup"

    def folder(self, name: str) -> Path:
        """A new folder, empty."""
        path = self.home / name
        path.mkdir(parents=True)
        if self.user is not None:
            shutil.chown(path, self.user)
        return path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What it said and how it ended, as whoever the servers run as."""
        switch = {} if self.user is None else {"user": self.user, "group": pwd.getpwuid(self.user).pw_gid, "extra_groups": []}
        return subprocess.run(
            command,
            cwd=self.home,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
            **switch,
        )

    def environment(self) -> dict[str, str]:
        found = programs(self.home, self.user)
        return dict(os.environ) | {"PATH": f"{found}{os.pathsep}{os.environ['PATH']}"}

    def recovering(
        self, moment: str, data: str, *, backup: Path | None = None, wal: Path | None = None, port: int | None = None
    ) -> list[str]:
        """The command that an operator types, on a copy of the script that the server's user can read.

        Without a `port` nobody can connect, and it takes none from anybody.
        """
        script = self.home / "recover.sh"
        shutil.copyfile(ROOT / "ops/deploy/recover.sh", script)
        script.chmod(0o755)
        words = [str(backup or self.backup), str(wal or self.wal), str(self.home / data), moment]
        listening = {"listen_addresses": "", "unix_socket_directories": "."}
        if port is not None:
            listening = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(port)}
        # As of the local servers: /dev/shm may be full of others' memory.
        chosen = listening | {"dynamic_shared_memory_type": "mmap"}
        return ["bash", str(script), *words, *(part for name, value in chosen.items() for part in ("-c", f"{name}={value}"))]


@contextmanager
def kept_server() -> Generator[tuple[LocalPostgres, Place]]:
    """A server with an empty database, whose WAL goes to an archive."""
    home = Path(os.environ.get("STOA_TEST_HOME", local_home("test"))) / f"rewinding-{os.getpid()}"
    place = Place(home, unprivileged_user())
    # A killed run of the same number may have left its own.
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    place.folder("wal")
    keep = f"test ! -f {place.wal}/%f && cp %p {place.wal}/%f.part && mv {place.wal}/%f.part {place.wal}/%f"
    try:
        server = start_postgres(home, durable=False, more={"archive_mode": "on", "archive_command": keep})
        try:
            with connected(server) as admin:
                admin.execute(f"CREATE DATABASE {DATABASE}")
            yield server, place
        finally:
            server.stop()
    finally:
        shutil.rmtree(home)


def connected(server: LocalPostgres) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host="127.0.0.1", port=server.port, user=SUPERUSER, dbname="postgres", autocommit=True)


def take_backup(server: LocalPostgres, place: Place) -> None:
    done = place.run(
        "pg_basebackup", "-h", "127.0.0.1", "-p", str(server.port), "-U", SUPERUSER, "-D", str(place.backup),
        "--checkpoint=fast", "--wal-method=none", "--no-sync",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def now_there(server: LocalPostgres) -> str:
    """The moment by the server's own clock, to the microsecond: what was committed before is before, the next is after."""
    with connected(server) as admin:
        (moment,) = admin.execute("SELECT clock_timestamp()").fetchone() or ()
    assert isinstance(moment, datetime)
    return moment.isoformat()


def close_segment(server: LocalPostgres, place: Place) -> Path:
    """End the segment of WAL that is being written; it, once it is in the archive."""
    with connected(server) as admin:
        (name,) = admin.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone() or ()
    _until((place.wal / str(name)).exists)
    return place.wal / str(name)


@contextmanager
def side_at(place: Place, moment: str) -> Generator[int]:
    """A side cluster that stands still at `moment`; its port. Gone after the block."""
    child = None
    while child is None:
        port = free_port()
        child = _standing_at(place, moment, port)
    try:
        yield port
    finally:
        stop_child(child)


def _standing_at(place: Place, moment: str, port: int) -> subprocess.Popen[bytes] | None:
    """The side cluster, once it stands still; None: somebody else took the port while the backup was copied."""
    data = f"side-{os.urandom(3).hex()}"
    log = place.home / f"{data}.log"
    command = place.recovering(moment, data, port=port)
    child = start_child(command, log=log, user=place.user, cwd=place.home, env=place.environment())
    try:
        _until(lambda: "Ready" in log.read_text() or child.poll() is not None)
    except BaseException:
        stop_child(child)
        raise
    if child.poll() is None:
        return child
    assert _PORT_TAKEN in log.read_text(), log.read_text()
    return None


def _until(is_so) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
