"""`make demo`: everything on one machine, from local servers to sign-ins, until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ops.installation import Installation, prepare
from ops.local.home import local_home
from ops.local.process import free_port

_RESTART_PAUSE_SECONDS = 1.0


def main() -> int:
    """Start, say where everything is, watch; stop all of it on Ctrl-C or SIGTERM."""
    home = local_home("demo")
    if "--reset" in sys.argv:
        return _reset(home)
    # Set for both: a shell starts background commands with SIGINT ignored.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    port = _wanted_port()
    with ExitStack() as stack:
        stack.enter_context(_only_one(home))
        started = time.monotonic()
        _say("preparing the database and the sample marketplaces")
        try:
            installation = prepare(home, port=port, given=os.environ, stack=stack)
            installation.start(stack)
            installation.manage("demo", "addresses")
        except RuntimeError as failure:
            sys.exit(f"demo: {failure}")
        if installation.mailbox_port:
            _say(f"Mail          http://localhost:{installation.mailbox_port}   (what Stoa sends lands here)")
        if installation.stripe_port:
            _say(f"Stripe        http://localhost:{installation.stripe_port}   (a local one: test cards, time and trouble)")
        _say(f"Logs          {installation.logs}   (a file for each process)")
        _say(f"Ready: http://localhost:{port}   ({time.monotonic() - started:.1f} s; Ctrl-C stops everything)")
        return _watch(installation)


def _wanted_port() -> int:
    """PORT, 8000 without it, any free one for 0."""
    port = int(os.environ.get("PORT") or 8000)
    if port == 0:
        return free_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"demo: port {port} is taken. Choose another (PORT=8080 make demo), or any free one (PORT=0 make demo).")
    return port


@contextmanager
def _only_one(home: Path) -> Generator[None]:
    """The kernel lets go of this lock however the process ends, so that there is never a stale one."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("demo: already running from this folder.")
        yield


def _watch(installation: Installation) -> int:
    try:
        while True:
            for service in installation.services:
                if service.is_dead():
                    _say(f"{service.name} ended, starting it again (log: {installation.logs / service.name}.log)")
                    time.sleep(_RESTART_PAUSE_SECONDS)
                    service.start(installation.environment, installation.logs)
            time.sleep(0.3)
    except KeyboardInterrupt:
        _say("\nstopping")
        return 0


def _reset(home: Path) -> int:
    with _only_one(home):
        shutil.rmtree(home)
    _say("the demo's data is gone; `make demo` starts anew.")
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _say(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
