"""Starts of the demo from a home of the test's own, and what the machine's process list says of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ops.local.home import ROOT

# Upper bounds for a machine that does much else; nobody waits for them to pass.
READY_SECONDS = 300.0
SOON_SECONDS = 60.0
_GIVEN = (
    *("DATABASE_URL", "ADMIN_DATABASE_URL", "REDIS_URL", "EMAIL_HOST", "MAILBOX_PORT"),
    *("DJANGO_SETTINGS_MODULE", "SECRET_KEY", "POOL_TARGET"),
)


class Demo:
    """One start of `make demo`."""

    def __init__(self, home: Path, log: Path, *, port: int = 0) -> None:
        self.home = home
        self._log = log
        environment = {name: value for name, value in os.environ.items() if name not in _GIVEN}
        with log.open("w") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ops.demo"],
                cwd=ROOT,
                # What the preparation makes is told by its log lines.
                env=environment | {"STOA_HOME": str(home), "PORT": str(port), "LOG_LEVEL": "INFO"},
                stdout=sink,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def wait_until_ready(self) -> None:
        """Until it says so; an end before that fails the test with all that it said."""
        wait_until(lambda: "Ready:" in self.said or self.process.poll() is not None, self, seconds=READY_SECONDS)
        assert "Ready:" in self.said, self.said

    def end_of(self) -> int:
        """Wait for its end; the exit code."""
        return self.process.wait(SOON_SECONDS)

    def kill(self) -> None:
        """With -9, and see it gone."""
        self.process.kill()
        self.process.wait()

    def front_page(self, host: str) -> str:
        found = re.search(r"Ready: http://localhost:(\d+)", self.said)
        assert found is not None
        request = urllib.request.Request(f"http://127.0.0.1:{found[1]}/", headers={"Host": host})
        with urllib.request.urlopen(request, timeout=SOON_SECONDS) as answer:
            return answer.read().decode()

    def children(self, word: str) -> list[int]:
        """The direct children whose command has this word."""
        return [pid for pid in belonging(self.home) if word in command_of(pid) and _parent_of(pid) == self.process.pid]


def belonging(home: Path) -> list[int]:
    """The processes that work in the home, or carry it in command or environment; the supervisor and zombies left out."""
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if "ops.demo" not in command_of(pid) and _belongs(pid, str(home))]


def _belongs(pid: int, home: str) -> bool:
    process = Path("/proc") / str(pid)
    with suppress(OSError):
        # PostgreSQL and Redis write their title over command and environment: only their folder tells.
        working_in = str((process / "cwd").readlink())
        return home in working_in or any(home.encode() in (process / name).read_bytes() for name in ("cmdline", "environ"))
    return False


def end_all(home: Path) -> None:
    """Kill what a failed test has left."""
    for pid in belonging(home):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not belonging(home), home)


def wait_until(fact: Callable[[], object], of: Demo | Path, *, seconds: float = SOON_SECONDS) -> None:
    """Wait for a fact; when it never comes, tell what the demo said, or what runs in the home."""
    deadline = time.monotonic() + seconds
    while not fact():
        home, said = (of, "") if isinstance(of, Path) else (of.home, of.said)
        assert time.monotonic() < deadline, f"{said}\nrunning: {[command_of(pid) for pid in belonging(home)]}"
        time.sleep(0.1)


def command_of(pid: int) -> str:
    with suppress(OSError):
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def _parent_of(pid: int) -> int:
    with suppress(OSError):
        return int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    return 0
