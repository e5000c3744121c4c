"""Calling an API as a program does, and what its problems look like."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from kernel.actor import Actor

OWNER = Actor("guest", None, "owner", frozenset({"settings.edit"}))
GUEST = {"first_name": "Fiona", "last_name": "Murray", "email": "fiona@customer.example", "phone": "0131 496 0123"}
TEN_TOMORROW = "2026-11-17T10:00:00Z"


class Caller:
    """A client of one host."""

    def __init__(self, client: Client) -> None:
        client.raise_request_exception = False
        self.client = client

    def get(self, path: str, *, key: str = "", query: dict[str, object] | None = None, **headers: str) -> HttpResponse:
        return self.client.get(f"/api/v1/{path}", query or {}, headers=_headers(key, headers))

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> HttpResponse:
        text = json.dumps({} if body is None else body)
        return self.client.post(f"/api/v1/{path}", text, content_type="application/json", headers=_headers(key, headers))


def _headers(key: str, more: dict[str, str]) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return ({"authorization": f"Bearer {key}"} if key else {}) | named


def problem_in(answer: HttpResponse) -> dict[str, Any]:
    """The problem document of an answer, its form checked."""
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"] == f"/api/v1/docs#problem-{document['code']}"
    assert set(document) >= {"type", "title", "status", "detail", "code", "errors"}
    return document


def blamed(answer: HttpResponse) -> list[str]:
    """The fields that a problem blames."""
    return [error["field"] for error in problem_in(answer)["errors"]]
