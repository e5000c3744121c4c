"""`make demo` under bad treatment: killed while it prepares and while it runs, started twice, on a taken port."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from tests.demo.starting import belonging, command_of, wait_until

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("demo"), pytest.mark.timeout(900)]


def test_the_demo_survives_whatever_is_done_to_it(home, start):
    """One story, since a start takes its time: each chapter finds what the one before has left."""
    _is_killed_while_it_prepares(home, start())
    demo = start()
    _gets_ready_all_the_same(demo)
    _refuses_a_second_start_from_the_same_folder(start())
    _starts_a_killed_process_again(demo)
    _is_killed_and_leaves_nothing_running(home, demo)
    _goes_on_with_its_data_and_ends_by_ctrl_c(home, start())


def _is_killed_while_it_prepares(home, demo):
    wait_until(lambda: any("manage.py" in command_of(pid) for pid in belonging(home)), demo)

    demo.kill()

    wait_until(lambda: not belonging(home), home)


def _gets_ready_all_the_same(demo):
    demo.wait_until_ready()

    assert "step=name" in demo.said
    assert "Brightnest" in demo.front_page("brightnest.localhost")


def _refuses_a_second_start_from_the_same_folder(second):
    assert second.end_of() == 1
    assert second.said == "demo: already running from this folder.\n"


def _starts_a_killed_process_again(demo):
    (worker,) = demo.children("celery")

    os.kill(worker, signal.SIGKILL)

    wait_until(lambda: demo.children("celery") not in ([], [worker]), demo)
    assert "worker ended, starting it again" in demo.said


def _is_killed_and_leaves_nothing_running(home, demo):
    assert {"postgres", "redis-server", "gunicorn", "uvicorn", "celery", "sweeper", "mailbox"} <= _programs(home)

    demo.kill()

    wait_until(lambda: not belonging(home), home)


def _goes_on_with_its_data_and_ends_by_ctrl_c(home, demo):
    demo.wait_until_ready()
    assert "step=name" not in demo.said  # nothing was made anew
    assert "Brightnest" in demo.front_page("brightnest.localhost")

    demo.process.send_signal(signal.SIGINT)

    assert demo.end_of() == 0
    assert demo.said.endswith("\nstopping\n")
    assert belonging(home) == []


def test_a_taken_port_is_told_in_a_sentence(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        demo = start(port=port)

        assert demo.end_of() == 1
    assert (
        demo.said == f"demo: port {port} is taken. Choose another (PORT=8080 make demo), or any free one (PORT=0 make demo).\n"
    )


def _programs(home) -> set[str]:
    words = ("postgres", "redis-server", "gunicorn", "uvicorn", "celery", "sweeper", "mailbox")
    commands = [command_of(pid) for pid in belonging(home)]
    return {word for word in words if any(word in command for command in commands)}
