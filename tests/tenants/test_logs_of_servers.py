"""What a real server process writes when pages break: here, since its database is not there."""

from __future__ import annotations

import http.client
import json
import os
from pathlib import Path

import pytest

from ops.local.process import free_port
from tests.isolation.servers import environment, running, wait_for

LINK = "eyJhIjoxfQ:1tRZQp:" + "x" * 43


def asked(port: int, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Host": "alpha.localhost"} | headers)
    answer = connection.getresponse()
    connection.close()
    return answer


def lines_of(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


@pytest.mark.servers
def test_gunicorn_writes_the_crash_to_its_own_log(tmp_path):
    port, log = free_port(), tmp_path / "web.log"
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": f"postgresql://stoa:hunter2@127.0.0.1:{free_port()}/gone",
        "PYTHONWARNINGS": "ignore",
    }

    web = ["gunicorn", "config.wsgi", f"--bind=127.0.0.1:{port}", "--threads=2", "--access-logfile=-"]
    with running(web, env=env, log=log) as child:
        wait_for(port, lambda: child.poll() is None, log)
        answer = asked(port, f"/b/{LINK}/?password=hunter2", {"X-Request-ID": "asked-by-a-test", "Referer": f"/join/{LINK}/"})

    written = lines_of(log)
    (crash,) = [line for line in written if line["event"] == "request_failed"]
    (access,) = [line["event"] for line in written if line["logger"] == "gunicorn.access"]
    assert answer.status == 500
    assert "/b/[secret]/?password=[secret]" in access
    assert LINK not in log.read_text()
    assert answer.headers["X-Request-ID"] == crash["request_id"] == "asked-by-a-test"
    assert "OperationalError" in crash["exception"]
    assert "hunter2" not in log.read_text()


@pytest.mark.servers
def test_uvicorn_writes_of_a_handshake_no_link_no_key_and_no_cookie(own_database, tmp_path):
    port, log = free_port(), tmp_path / "live.log"
    live = ["uvicorn", "config.asgi:application", "--host=127.0.0.1", f"--port={port}"]
    shake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Authorization": "Bearer hunter2",
        "Cookie": "stoa_session=hunter3",
        "Origin": "http://alpha.localhost",
    }

    with running(live, env=environment(), log=log) as child:
        wait_for(port, lambda: child.poll() is None, log)
        answer = asked(port, f"/live/bookings/{LINK}/?password=hunter4", shake)

    (line,) = [line["event"] for line in lines_of(log) if "WebSocket" in line["event"]]
    assert answer.status == 403
    assert "/live/bookings/[secret]/?password=[secret]" in line
    assert [secret for secret in (LINK, LINK[-20:], "hunter") if secret in log.read_text()] == []
