"""The pages on gunicorn's real threads, as a deployment runs them, for benchmarks that ask over sockets."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Self

from ops.local.process import free_port
from tests.isolation.servers import environment, running, wait_for

_THREADS = 8


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, and the process that its workers are children of."""

    port: int
    pid: int


@contextmanager
def gunicorn(log: Path, **given: str) -> Generator[Server]:
    """One worker process on this benchmark's database, with these values in its environment."""
    port = free_port()
    command = ["gunicorn", "config.wsgi", f"--bind=127.0.0.1:{port}", "--worker-class=gthread", "--no-control-socket"]
    with running([*command, f"--threads={_THREADS}", "--keep-alive=120"], env=environment(**given), log=log) as child:
        wait_for(port, lambda: child.poll() is None, log)
        yield Server(port, child.pid)


class Browser:
    """One connection that is kept, for any host."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, host: str, path: str) -> tuple[int, bytes]:
        """The status and the content of a page."""
        self._connection.request("GET", path, headers={"Host": host})
        answer = self._connection.getresponse()
        return answer.status, answer.read()
