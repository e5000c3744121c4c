"""A lock file that an earlier run has left: its server is ended, nobody else is hurt, and no second server comes beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from ops.local import postgres

_NOWHERE = Path("/nowhere")
_WAYS = [Path("/proc")] * Path("/proc/self/cmdline").exists() + [_NOWHERE] * (shutil.which("ps") is not None)
_READY = "print(1, flush=True); sys.stdin.read()"
_OBEDIENT = f"import signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); {_READY}"
_STUBBORN = f"import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); {_READY}"

type Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(params=_WAYS, ids=str)
def way(request, monkeypatch) -> None:
    """Each way in which a machine tells what a process was started as: /proc, and `ps` where there is none."""
    monkeypatch.setattr(postgres, "_PROC", request.param)


@pytest.fixture
def start(tmp_path) -> Generator[Start]:
    """Starts a process whose number stands in the lock file of `tmp_path`."""
    children = []

    def run(program: str, *arguments: str) -> subprocess.Popen[bytes]:
        child = subprocess.Popen([sys.executable, "-c", program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        children.append(child)
        child.stdout.readline()
        _lock(tmp_path).write_text(f"{child.pid}\n{tmp_path}\n")
        return child

    yield run
    for child in children:
        child.kill()
        child.communicate()


def _lock(data: Path) -> Path:
    return data / "postmaster.pid"


def test_the_server_of_a_killed_run_is_ended(way, start, tmp_path):
    server = start(_OBEDIENT, "-D", str(tmp_path), "-c", "port=1")

    postgres._end_leftover(tmp_path)

    assert server.wait() != 0
    # A real one takes it away itself, and so does the next one when the number belongs to nobody.
    assert _lock(tmp_path).exists()


@pytest.mark.parametrize("arguments", [(), ("-D", "{data}-of-another")])
def test_a_number_that_another_program_has_by_now_gets_no_signal(way, start, tmp_path, arguments):
    stranger = start(_OBEDIENT, *(argument.format(data=tmp_path) for argument in arguments))

    postgres._end_leftover(tmp_path)

    assert stranger.poll() is None
    assert not _lock(tmp_path).exists()


def test_a_server_that_does_not_end_keeps_its_lock_file(way, start, tmp_path, monkeypatch):
    server = start(_STUBBORN, "-D", str(tmp_path))
    monkeypatch.setattr(postgres.time, "sleep", lambda _seconds: None)

    with pytest.raises(RuntimeError, match="does not end"):
        postgres._end_leftover(tmp_path)

    assert server.poll() is None
    assert _lock(tmp_path).exists()


def test_where_nothing_tells_them_apart_nobody_is_hurt(start, tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "_PROC", _NOWHERE)
    monkeypatch.setattr(postgres.shutil, "which", lambda _name: None)
    somebody = start(_OBEDIENT, "-D", str(tmp_path))

    with pytest.raises(RuntimeError, match="may be a PostgreSQL"):
        postgres._end_leftover(tmp_path)

    assert somebody.poll() is None
    assert _lock(tmp_path).exists()


def test_without_a_lock_file_there_is_nothing_to_end(tmp_path):
    postgres._end_leftover(tmp_path)

    assert list(tmp_path.iterdir()) == []
