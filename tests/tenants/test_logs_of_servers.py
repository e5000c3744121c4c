"""What a real server process writes when pages break: here, since its database is not there."""

from __future__ import annotations

import http.client
import json
import os

import pytest

from ops.local.process import free_port
from tests.isolation.servers import running, wait_for


@pytest.mark.servers
def test_gunicorn_writes_the_crash_to_its_own_log(tmp_path):
    port, log = free_port(), tmp_path / "web.log"
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": f"postgresql://stoa:hunter2@127.0.0.1:{free_port()}/gone",
        "PYTHONWARNINGS": "ignore",
    }

    with running(["gunicorn", "config.wsgi", f"--bind=127.0.0.1:{port}", "--threads=2"], env=env, log=log) as child:
        wait_for(port, lambda: child.poll() is None, log)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/", headers={"Host": "alpha.localhost", "X-Request-ID": "asked-by-a-test"})
        answer = connection.getresponse()
        connection.close()

    written = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    (crash,) = [line for line in written if line["event"] == "request_failed"]
    assert answer.status == 500
    assert answer.headers["X-Request-ID"] == crash["request_id"] == "asked-by-a-test"
    assert "OperationalError" in crash["exception"]
    assert "hunter2" not in log.read_text()
