"""A redirect is followed with care: not for ever, not with a secret, and never with a change."""

from __future__ import annotations

import socket

import pytest

from kernel.errors import PermanentFailure
from kernel.http_client import HttpClient
from tests.kernel.web import answer, redirect, serve


def test_a_redirect_is_followed_and_the_last_address_told() -> None:
    with (
        serve(answer(body=b"there")) as target,
        serve(redirect(f"http://{target.place}/new")) as source,
        HttpClient(allow_private=[source.place, target.place]) as client,
    ):
        got = client.get(f"http://{source.place}/old")

    assert (got.text, got.url) == ("there", f"http://{target.place}/new")


def test_another_origin_learns_no_secret_from_a_redirect() -> None:
    secrets = {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret"}
    with (
        serve(answer()) as target,
        serve(redirect(f"http://{target.place}/")) as source,
        HttpClient(allow_private=[source.place, target.place]) as client,
    ):
        client.get(f"http://{source.place}/", headers=secrets | {"Accept": "text/calendar"})

    assert "s3cret" in source.head()
    assert "s3cret" not in target.head()
    assert "accept: text/calendar" in target.head()
    assert f"host: {target.place}" in target.head()


def test_the_same_origin_keeps_the_headers() -> None:
    def reply(connection: socket.socket, request: bytes) -> None:
        (answer() if request.startswith(b"GET /new") else redirect("/new"))(connection, request)

    with serve(reply) as server, HttpClient(allow_private=[server.place]) as client:
        client.get(f"http://{server.place}/old", headers={"Authorization": "Bearer s3cret"})

    assert "authorization: bearer s3cret" in server.head()


def test_a_redirect_without_end_is_given_up() -> None:
    with (
        serve(redirect("/again")) as server,
        HttpClient(allow_private=[server.place]) as client,
        pytest.raises(PermanentFailure) as failed,
    ):
        client.get(f"http://{server.place}/")

    assert failed.value.code == "too_many_redirects"
    assert len(server.requests) == 4


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_request_that_changes_something_is_never_sent_on(status: str) -> None:
    with serve(redirect("/elsewhere", status)) as server, HttpClient(allow_private=[server.place]) as client:
        got = client.request("POST", f"http://{server.place}/", json={"amount": 1})

    assert got.status == int(status[:3])
    assert len(server.requests) == 1
