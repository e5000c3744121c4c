"""How fast Stripe gets its answer while a hundred events a second come, and how soon each is applied."""

from __future__ import annotations

import http.client
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench.measure import Result
from bench.serving import gunicorn
from integrations.stripe.webhooks import signature_of
from shared_apps.webhook_inbox.models import WebhookEvent
from tenants.scope import platform_scope
from tests.isolation.servers import environment, running

_SETTINGS: Final = "bench.settings_webhooks"
_SECRET: Final = "whsec_bench"  # noqa: S105  # of nobody
_PER_SECOND: Final = 100
_SECONDS: Final = 6
_SENDERS: Final = 16
_OBJECTS: Final = 200
_P99: Final = 98
_MILLI: Final = 1000
_PATIENCE_SECONDS: Final = 120.0
_ROUNDS: Final = 3
_HEADERS: Final = {"Host": "localhost", "Content-Type": "application/json"}


def run() -> list[Result]:
    """`webhooks.answered` beside /healthz of the same server at the same rate, and `webhooks.applied`: Celery, two children."""
    worker = ["celery", "-A", "config.celery", "worker", "--pool=prefork", "--concurrency=2", "--loglevel=warning"]
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as name:
        folder, prefix = Path(name), {"DJANGO_SETTINGS_MODULE": _SETTINGS, "REDIS_PREFIX": "bench-webhooks"}
        with (
            gunicorn(folder / "web.log", WEB_CONCURRENCY="2", **prefix) as server,
            running([*worker, "--without-mingle", "--without-gossip"], env=environment(**prefix), log=folder / "worker.log"),
        ):
            return _measured(server.port)


def _measured(port: int) -> list[Result]:
    # The port is open before the application is loaded.
    _load(port, _healthz, "start")
    _load(port, _event, "warm")
    _drained()
    pairs = [(_p99(_load(port, _event, str(number))), _p99(_load(port, _healthz, str(number)))) for number in range(_ROUNDS)]
    waits = _drained()
    answered, baseline = (statistics.median(values) for values in zip(*pairs, strict=True))
    note = f"{_PER_SECOND} events/s, 2 workers of 8 threads, on the machine of senders and worker; baseline: /healthz"
    quarter = statistics.quantiles(waits, n=100)
    return [
        Result("webhooks.answered", answered, "ms p99", baseline, "lower", _ROUNDS, goal="<= 50 ms", note=note),
        Result(
            "webhooks.applied", quarter[_P99], "s p99", statistics.median(waits), "lower", len(waits),
            goal="<= 2 s", note=f"from the row to the applier, {_OBJECTS} objects; baseline: the median",
        ),
    ]  # fmt: skip


def _load(port: int, ask: Callable[[http.client.HTTPConnection, str], int], mark: str) -> list[float]:
    """Seconds of each answer, counted from when it was due: who is late makes the next ones late, too."""
    taken: list[float] = []
    begin = time.perf_counter() + 0.2

    def sender(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
        for turn in range(number, _PER_SECOND * _SECONDS, _SENDERS):
            due = begin + turn / _PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            status = ask(connection, f"{mark}{turn}")
            taken.append(time.perf_counter() - due)
            if status != http.client.OK:
                raise RuntimeError(f"answered {status}")
        connection.close()

    threads = [threading.Thread(target=sender, args=(number,)) for number in range(_SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(taken) != _PER_SECOND * _SECONDS:
        raise RuntimeError("an answer is missing")
    return taken


def _event(connection: http.client.HTTPConnection, mark: str) -> int:
    customer = {"id": f"cus_{hash(mark) % _OBJECTS}", "object": "customer", "name": "Ada Ltd", "metadata": {}}
    moment = int(time.time())
    body = json.dumps(
        {"id": f"evt_{mark}", "object": "event", "type": "customer.updated", "created": moment, "livemode": False}
        | {"data": {"object": customer | {"description": "x" * 2000}, "previous_attributes": {}}}
    ).encode()
    signature = f"t={moment},v1={signature_of(body, _SECRET, signed_at=moment)}"
    connection.request("POST", "/webhooks/stripe/", body, _HEADERS | {"Stripe-Signature": signature})
    return _status(connection)


def _healthz(connection: http.client.HTTPConnection, _mark: str) -> int:
    connection.request("GET", "/healthz", headers=_HEADERS)
    return _status(connection)


def _status(connection: http.client.HTTPConnection) -> int:
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _drained() -> list[float]:
    """For each event the seconds from its row to its end, once all have come to it; forgets them."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with platform_scope(reason="bench"):
        while WebhookEvent.objects.filter(state="waiting").exists():
            if time.monotonic() > deadline:
                raise RuntimeError("events still wait")
            time.sleep(0.1)
        rows = WebhookEvent.objects.filter(state="applied").values_list("received_at", "settled_at")
        spans = [(settled or received) - received for received, settled in rows]
        WebhookEvent.objects.all().delete()
    return [span / timedelta(seconds=1) for span in spans]


def _p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[_P99] * _MILLI
