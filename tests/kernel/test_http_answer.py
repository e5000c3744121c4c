"""An answer says whether it is worth asking again, and when."""

from __future__ import annotations

import pytest
import time_machine

from kernel.errors import PermanentFailure, TemporaryFailure
from kernel.http_client import HttpAnswer


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 599])
def test_these_statuses_are_worth_another_try(status: int) -> None:
    with pytest.raises(TemporaryFailure) as failed:
        HttpAnswer(status, {}, b"", "").require_success()

    assert failed.value.code == f"http_{status}"


@pytest.mark.parametrize("status", [301, 304, 400, 401, 403, 404, 410, 422])
def test_these_statuses_are_not(status: int) -> None:
    with pytest.raises(PermanentFailure) as failed:
        HttpAnswer(status, {}, b"", "").require_success()

    assert failed.value.code == f"http_{status}"


def test_a_success_is_itself() -> None:
    got = HttpAnswer(204, {}, b"", "")

    assert got.require_success() is got


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Mon, 01 Jun 2026 12:01:00 GMT", 60),
        ("Mon, 01 Jun 2026 11:00:00 GMT", 0),
        ("999999999", 86_400),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_the_other_sides_wish_to_be_left_alone_is_understood(wish: str, seconds: float | None) -> None:
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False), pytest.raises(TemporaryFailure) as failed:
        HttpAnswer(503, {"retry-after": wish}, b"", "").require_success()

    assert failed.value.retry_after_seconds == seconds


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff"])
def test_what_is_not_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(PermanentFailure) as failed:
        HttpAnswer(200, {}, body, "").json()

    assert failed.value.code == "not_json"
