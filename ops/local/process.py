"""Child processes that end with their parent, also when the parent is killed with -9."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def start_child(
    command: list[str],
    *,
    log: Path,
    death_signal: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    user: int | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output appended to `log`.

    Linux sends `death_signal` to the child when this process dies; elsewhere the next start cleans up by pid.
    `user` is the uid (and primary gid) to run as, when this process is root.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    switch: dict[str, object] = {} if user is None else {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": []}
    with log.open("ab") as sink:
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # the switch is a plain mapping
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=die_with_parent(death_signal),  # noqa: PLW1509  # started before this process has threads
            **switch,
        )


def stop_child(child: subprocess.Popen[bytes], *, how: signal.Signals = signal.SIGTERM, timeout_seconds: float = 15) -> None:
    """Ask the child to end, wait, and kill its whole session when it does not."""
    if child.poll() is not None:
        return
    child.send_signal(how)
    try:
        child.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def free_port() -> int:
    """A TCP port of loopback that nobody listens on now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """As many, each another one: asked for one after the other, the same could come twice before anybody listens."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def unprivileged_user() -> int | None:
    """The uid to run PostgreSQL as: None for an ordinary user (itself), `nobody` for root."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    return pwd.getpwnam("nobody").pw_uid


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: the kernel sends `death_signal` to the child when this process dies. None where it cannot."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_kernel() -> None:
        # After the switch of user: the kernel clears the wish when the uid changes.
        libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))

    return ask_kernel
