"""How long a suspended organization is still served by anything, and how long a resumed one is not served yet."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from bench.measure import Result
from ops.installation import PYTHON, Installation, prepare
from ops.local.databases import empty_database
from ops.local.home import ROOT
from ops.local.process import die_with_parent, free_port
from ops.local.redis import start_redis

_GOAL_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.03
# So many requests are allowed in a minute.
_API_PAUSE_SECONDS: Final = 2.1
# Nothing is said of a way that is not asked all the time; afterwards nobody may be served for this long.
_BEFORE_SECONDS: Final = 3.0
_AFTER_SECONDS: Final = 9.0
_ROUNDS: Final = 3


@dataclass
class Way:
    """One way to be served, asked again and again; when it was served, and when it was refused."""

    ask: Callable[[], bool]
    pause_seconds: float = _PAUSE_SECONDS
    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def keep_asking(self, until: threading.Event) -> None:
        while not until.is_set():
            is_served = False
            with suppress(OSError, http.client.HTTPException, WebSocketException):
                is_served = self.ask()
            (self.served if is_served else self.refused).append(time.time())
            time.sleep(self.pause_seconds)


class Rig:
    """`bench.suspend_rig` as a child."""

    def __init__(self, installation: Installation) -> None:
        self._child = subprocess.Popen(
            [PYTHON, "-m", "bench.suspend_rig"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**installation.environment, "LOG_LEVEL": "ERROR", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"},
            cwd=ROOT,
            text=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509  # no threads yet
        )

    def ask(self, word: str) -> Any:  # Any: JSON
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(f"{word}\n")
        self._child.stdin.flush()
        return json.loads(self._child.stdout.readline())

    def stop(self) -> None:
        self._child.terminate()
        self._child.wait()


def run() -> list[Result]:
    """`suspend.effective`, `resume.effective`: the slowest way of all, in the slowest of the rounds; each stands beside it."""
    with ExitStack() as stack:
        installation = _installation(stack)
        rig = Rig(installation)
        stack.callback(rig.stop)
        ways, held = _ways(installation, rig.ask("credentials"))
        stop = threading.Event()
        threads = [threading.Thread(target=way.keep_asking, args=[stop], daemon=True) for way in ways.values()]
        threads.append(threading.Thread(target=held.keep_open, args=[stop], daemon=True))
        for thread in threads:
            thread.start()
        _wait_until_all_are_served(ways, held)
        rounds = [_round(rig, ways, held) for _ in range(_ROUNDS)]
        stop.set()
    return [
        _result("suspend.effective", [after for after, _before in rounds]),
        _result("resume.effective", [before for _after, before in rounds]),
    ]


@dataclass
class Held:
    """A socket that stays open and only listens; when it was closed, and when the next one was opened."""

    url: str
    origin: str
    closed: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)

    def keep_open(self, until: threading.Event) -> None:
        while not until.is_set():
            with suppress(OSError, WebSocketException), _connected(self.url, self.origin) as opened:
                self.opened.append(time.time())
                # It ends by an error, as the code that it is closed with is none of the usual ones.
                with suppress(OSError, WebSocketException):
                    for _message in opened:
                        pass
                self.closed.append(time.time())
            time.sleep(_PAUSE_SECONDS)

    def open_after(self, moment: float) -> float:
        """How long after `moment` it was still open; one that nobody has closed may be for ever, whatever was closed before."""
        is_open = len(self.opened) > len(self.closed)
        return _AFTER_SECONDS if is_open or not self.closed else max(0.0, self.closed[-1] - moment)


def _round(rig: Rig, ways: dict[str, Way], held: Held) -> tuple[dict[str, float], dict[str, float]]:
    """For each way, how long after the commit it was last served; and first served, after the commit of the other."""
    time.sleep(_BEFORE_SECONDS)
    suspended_at = rig.ask("suspend")
    time.sleep(_AFTER_SECONDS)
    after = {name: max(0.0, max(way.served) - suspended_at) for name, way in ways.items()}
    after["held socket"] = held.open_after(suspended_at)
    after["job"] = max(0.0, rig.ask("last_job") - suspended_at)
    resumed_at = rig.ask("resume")
    time.sleep(_AFTER_SECONDS)
    before = {name: _first_since(way.served, resumed_at) for name, way in ways.items()}
    before["held socket"] = _first_since(held.opened, resumed_at)
    before["job"] = max(0.0, rig.ask("first_job_since") - resumed_at)
    return after, before


def _wait_until_all_are_served(ways: dict[str, Way], held: Held) -> None:
    deadline = time.monotonic() + 60
    while never := [name for name, way in ways.items() if not way.served] + ([] if held.opened else ["held socket"]):
        if time.monotonic() > deadline:
            raise RuntimeError(f"Never served at all: {', '.join(never)}")
        time.sleep(0.1)


def _first_since(moments: list[float], since: float) -> float:
    return next((moment - since for moment in moments if moment >= since), _AFTER_SECONDS)


def _result(name: str, rounds: list[dict[str, float]]) -> Result:
    worst = {way: max(one.get(way, 0.0) for one in rounds) for one in rounds for way in one}
    note = ", ".join(f"{way} {seconds:.2f}" for way, seconds in worst.items())
    return Result(
        name, max(worst.values()), "s", _GOAL_SECONDS, "lower", len(rounds), goal="<= 5 s", note=f"the worst of each: {note}"
    )


def _ways(installation: Installation, given: dict[str, str]) -> tuple[dict[str, Way], Held]:
    port, live, host = installation.port, int(installation.environment["LIVE_PORT"]), given["host"]
    origin = f"http://{host}:{port}"
    url = f"ws://{host}:{live}/live/bookings/{given['token']}/"

    def page(path: str) -> Way:
        return Way(lambda: _is_answered(port, host, path, {}))

    def new_socket() -> bool:
        with _connected(url, origin):
            return True

    ways = {
        "page": page("/"),
        "API with key": Way(
            lambda: _is_answered(port, host, "/api/v1/services", {"Authorization": f"Bearer {given['key']}"}),
            pause_seconds=_API_PAUSE_SECONDS,
        ),
        "calendar": page(f"/b/{given['token']}/booking.ics"),
        "signed link": page(f"/b/{given['token']}/"),
        "new socket": Way(new_socket),
    }
    return ways, Held(url, origin)


def _connected(url: str, origin: str) -> ClientConnection:
    """An open socket. Every `*.localhost` is on loopback, whatever this machine makes of such names."""
    port = urlsplit(url).port or 80
    return connect(url, origin=Origin(origin), sock=socket.create_connection(("127.0.0.1", port)))


def _is_answered(port: int, host: str, path: str, headers: dict[str, str]) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{port}"} | headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    return answer.status == http.client.OK


def _installation(stack: ExitStack) -> Installation:
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stoa-bench-")))
    addresses = stack.enter_context(empty_database(os.environ, f"stoa_bench_suspend_{os.getpid()}"))
    redis = start_redis(home / "redis", durable=False)
    stack.callback(redis.stop)
    given = dict(os.environ) | addresses | {"REDIS_URL": redis.url()}
    installation = prepare(home, port=free_port(), given=given, stack=stack)
    installation.start(stack)
    return installation
