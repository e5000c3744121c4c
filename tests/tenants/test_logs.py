"""What the operator reads: one line each, with request, tenant and actor, and without a secret."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client

from config.celery import app as celery_app
from config.settings.logs import AS_TEXT, logging_through
from kernel.outbox.models import OutboxMessage
from kernel.outbox.relay import log_dead
from tenants.scope import platform_scope, tenant_scope
from tenants.signing import sign
from tenants.tracing import request_id_from
from tests.factories.log_lines import lines_written


@pytest.fixture
def read_lines():
    """Gives what production's formatter has made of all that was logged since the test began."""
    with lines_written() as read:
        yield read


@pytest.fixture
def visitor(alpha, settings) -> Client:
    """A browser on alpha's host, where pages crash; it sees the page that stands for it."""
    settings.ROOT_URLCONF = "tests.tenants.crashing"
    return Client(headers={"host": alpha.primary_host}, raise_request_exception=False)


def test_a_crash_leaves_its_traceback_with_request_tenant_and_actor(visitor, alpha, read_lines):
    answer = visitor.get("/crash/?q=1", headers={"x-request-id": "from-the-proxy-1"})

    line = read_lines().of("request_failed")
    assert answer.status_code == 500
    assert line["level"] == "error"
    assert "RuntimeError: went wrong" in line["exception"]
    assert line["request"] == "GET /crash/?q=1"
    assert (line["tenant"], line["slug"], line["actor"]) == (str(alpha.id), "alpha", "guest")
    assert line["request_id"] == answer.headers["X-Request-ID"] == "from-the-proxy-1"


def test_a_crash_is_told_once(visitor, read_lines):
    visitor.get("/crash/")

    assert [line["event"] for line in read_lines() if "exception" in line] == ["request_failed"]


def test_a_request_that_went_well_leaves_one_line_with_its_tenant(visitor, alpha, read_lines):
    visitor.get("/fine/")

    line = read_lines().of("request_finished")
    assert (line["code"], line["tenant"], line["slug"]) == (200, str(alpha.id), "alpha")


def test_every_line_of_a_request_says_whose_it_is(visitor, alpha, read_lines):
    """Not the closing one alone, which is written by another way."""
    visitor.get("/fine/")

    line = read_lines().of("looked")
    assert (line["tenant"], line["slug"]) == (str(alpha.id), "alpha")


def test_secrets_are_struck_out_wherever_they_stand(visitor, alpha, read_lines):
    with tenant_scope(alpha):
        link = sign("booking", ["0198", 1])

    visitor.get(f"/b/{link}/?code=123456&token=tok-en", headers={"cookie": "stoa_session=my-session"})
    visitor.get("/fine/")

    whole = json.dumps(read_lines())
    assert [secret for secret in (link, link[-20:], "123456", "tok-en", "hunter2", "my-session") if secret in whole] == []
    assert read_lines().of("looked")["basket"] == 3
    assert read_lines().of("request_failed")["request"] == "GET /b/[secret]/?code=[secret]&token=[secret]"


@pytest.mark.parametrize("forged", ["short", "x" * 65, 'a-b-c-d-e"\n{"event": "forged"}', "<script>alert(1)</script>", ""])
def test_an_id_that_could_do_harm_is_replaced(visitor, read_lines, forged):
    answer = visitor.get("/fine/", headers={"x-request-id": forged})

    assert answer.headers["X-Request-ID"] == read_lines().of("looked")["request_id"]
    assert answer.headers["X-Request-ID"] != forged
    assert request_id_from(forged) != forged


def test_a_page_for_nobody_has_its_line_too(db, read_lines):
    answer = Client(headers={"host": "nobody.localhost"}).get("/")

    line = read_lines().of("request_finished")
    assert (line["code"], line["request_id"]) == (404, answer.headers["X-Request-ID"])


def test_a_dead_message_says_which_it_was(db, read_lines):
    message = OutboxMessage(event_type="BookingMoved", handler="some.handler", attempts=8)

    with platform_scope(reason="outbox relay"):
        log_dead(message, "the mail server is away")

    line = read_lines().of("outbox message is dead")
    assert (line["outbox_message"], line["outbox_handler"], line["outbox_error"]) == (
        str(message.pk),
        "some.handler",
        "the mail server is away",
    )
    assert (line["scope"], line["reason"]) == ("platform", "outbox relay")


def test_entering_the_platforms_scope_is_logged_where_somebody_asks_for_it(read_lines, caplog):
    with caplog.at_level(logging.DEBUG, logger="tenants.scope"), platform_scope(reason="look around"):
        pass

    assert read_lines().of("platform scope")["reason"] == "look around"


def test_a_task_goes_on_under_the_id_of_the_request_that_sent_it(alpha, read_lines):
    @celery_app.task(name="tests.note")
    def note() -> None:
        logging.getLogger("note").warning("noted")

    headers = {"__django_structlog__": {"request_id": "from-the-page-1"}, "stoa_scope": str(alpha.id)}

    from django_structlog.celery.receivers import CeleryReceiver

    receiver = CeleryReceiver()
    note.request_stack.push(type("Request", (), headers | {"headers": headers, "called_directly": True})())
    receiver.receiver_task_prerun("task-1", note)
    note()
    note.request_stack.pop()

    line = read_lines().of("noted")
    assert (line["request_id"], line["tenant"], line["slug"]) == ("from-the-page-1", str(alpha.id), "alpha")


def test_the_demo_writes_the_same_for_people():
    config = logging_through(AS_TEXT, level="INFO")["formatters"]["stoa"]
    formatter = config.pop("()")(**config)
    record = logging.LogRecord("shop", logging.INFO, __file__, 1, "token=abc %s", ("seen",), None)

    assert "token=[secret] seen" in formatter.format(record)
