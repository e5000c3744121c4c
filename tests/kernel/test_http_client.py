"""The client asks what it is told to ask, stays within its limits, and calls each failure by its name."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator

import pytest

from kernel.errors import PermanentFailure, TemporaryFailure
from kernel.http_client import HttpAnswer, HttpClient, Limits, default_client, network
from tests.kernel.web import Reply, Server, answer, authority_for, serve

LIMITS = Limits(max_bytes=100_000)
# So that a server which never answers costs a test no time.
HASTY = Limits(read_seconds=0.3, total_seconds=2)


@pytest.fixture
def ask() -> Iterator[Callable[..., tuple[HttpAnswer, Server]]]:
    """Serves one reply and sends one request to it, as if to one of our own servers."""

    def run(
        reply: Reply, method: str = "GET", path: str = "/", limits: Limits = LIMITS, **request
    ) -> tuple[HttpAnswer, Server]:
        with serve(reply) as server, HttpClient(allow_private=[server.place]) as client:
            return client.request(method, f"http://{server.place}{path}", limits=limits, **request), server

    return run


def test_a_request_is_sent_as_asked_and_its_answer_read(ask) -> None:
    got, server = ask(
        answer("201 Created", b'{"a": 1}', "Content-Type: application/json", "X-Id: 7"), "POST", "/things?x=1", json={"b": 2}
    )

    assert (got.status, got.json(), got.headers["x-id"], got.is_success) == (201, {"a": 1}, "7", True)
    assert got.url == f"http://{server.place}/things?x=1"
    assert server.requests[0].startswith(b"POST /things?x=1 HTTP/1.1\r\n")
    assert server.requests[0].endswith(b'{"b":2}')
    assert f"host: {server.place}" in server.head()


def test_a_form_and_a_query_are_encoded(ask) -> None:
    _got, server = ask(answer(), "POST", params={"q": "a b"}, form={"c": "d&e"})

    assert server.requests[0].startswith(b"POST /?q=a+b ") or server.requests[0].startswith(b"POST /?q=a%20b ")
    assert server.requests[0].endswith(b"c=d%26e")


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_packed_answer_is_unpacked(ask, coding: str, pack: Callable[[bytes], bytes]) -> None:
    got, _server = ask(answer("200 OK", pack(b"hello" * 100), f"Content-Encoding: {coding}"))

    assert got.text == "hello" * 100


def test_a_refusal_is_an_answer_too(ask) -> None:
    got, _server = ask(answer("404 Not Found", b"no"))

    assert (got.status, got.body, got.is_success) == (404, b"no", False)


def test_connections_are_kept_and_cookies_are_not() -> None:
    with serve(answer("200 OK", b"", "Set-Cookie: tenant=a")) as server, HttpClient(allow_private=[server.place]) as client:
        for _ in range(3):
            client.get(f"http://{server.place}/")

    assert (len(server.requests), len(server.connections)) == (3, 1)
    assert "cookie" not in server.head()


def test_the_environments_proxy_is_not_used(ask, monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    got, _server = ask(answer())

    assert got.text == "hello"


def test_the_server_must_show_a_certificate_for_the_name_that_was_asked_for(tmp_path) -> None:
    authority = authority_for("shop.example", tmp_path)
    with serve(answer(), tls=authority.server) as server:
        places = [f"shop.example:{server.port}", f"other.example:{server.port}"]
        with HttpClient(allow_private=places, ssl_context=authority.client, resolve=lambda *_: ["127.0.0.1"]) as client:
            got = client.get(f"https://shop.example:{server.port}/")
            with pytest.raises(PermanentFailure) as refused:
                client.get(f"https://other.example:{server.port}/")

    assert got.text == "hello"
    assert f"host: shop.example:{server.port}" in server.head()
    assert server.server_names == ["shop.example", "other.example"]
    assert refused.value.code == "certificate_refused"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path) -> None:
    authority = authority_for("shop.example", tmp_path)
    with serve(answer(), tls=authority.server) as server:
        place = f"shop.example:{server.port}"
        with (
            HttpClient(allow_private=[place], resolve=lambda *_: ["127.0.0.1"]) as client,
            pytest.raises(PermanentFailure) as refused,
        ):
            client.get(f"https://{place}/")

    assert refused.value.code == "certificate_refused"
    assert server.requests == []


# --- time


def silence(server_over: list[Server]) -> Reply:
    def reply(_connection: socket.socket, _request: bytes) -> None:
        server_over[0].over.wait()

    return reply


def test_a_server_that_never_answers_times_out() -> None:
    servers: list[Server] = []
    with serve(silence(servers)) as server, HttpClient(allow_private=[server.place]) as client:
        servers.append(server)
        with pytest.raises(TemporaryFailure) as failed:
            client.get(f"http://{server.place}/", limits=HASTY)

    assert failed.value.code == "timed_out"


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_a_server_that_trickles_is_cut_off_by_the_total(start: bytes) -> None:
    """Each byte comes within the time-out for reading, so that only the deadline of the whole can end it."""
    servers: list[Server] = []

    def trickle(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(start)
        while not servers[0].over.wait(0.05):
            connection.sendall(b"x")

    limits = Limits(read_seconds=5, total_seconds=0.7)
    with serve(trickle) as server, HttpClient(allow_private=[server.place]) as client:
        servers.append(server)
        began = time.monotonic()
        with pytest.raises(TemporaryFailure) as failed:
            client.get(f"http://{server.place}/", limits=limits)
        lasted = time.monotonic() - began

    assert failed.value.code == "timed_out"
    assert 0.6 < lasted < 4


def test_a_server_that_takes_no_bytes_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        place = f"127.0.0.1:{deaf.getsockname()[1]}"
        with HttpClient(allow_private=[place]) as client, pytest.raises(TemporaryFailure) as failed:
            client.request("POST", f"http://{place}/", content=b"x" * 30_000_000, limits=HASTY)

    assert failed.value.code == "timed_out"


def test_a_resolver_that_never_answers_times_out() -> None:
    over = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        over.wait()
        return []

    try:
        with HttpClient(resolve=resolve) as client, pytest.raises(TemporaryFailure) as failed:
            client.get("https://slow.example/", limits=Limits(connect_seconds=0.2))
    finally:
        over.set()

    assert failed.value.code == "timed_out"


def test_the_deadline_of_one_request_does_not_bind_the_next(ask) -> None:
    ask(answer())

    assert network._deadline.get() == float("inf")


# --- size


def test_an_answer_of_exactly_the_cap_is_read(ask) -> None:
    got, _server = ask(answer(body=b"x" * 100_000))

    assert len(got.body) == 100_000


def endless(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")


BOMB = gzip.compress(bytes(5_000_000))


@pytest.mark.parametrize(
    "reply",
    [
        answer(body=b"x" * 100_001),
        endless,
        answer("200 OK", BOMB, "Content-Encoding: gzip"),
        answer("200 OK", gzip.compress(BOMB), "Content-Encoding: gzip, gzip"),
    ],
    ids=["a byte too many", "endless", "a bomb", "a bomb in a bomb"],
)
def test_an_answer_over_the_cap_is_not_read_to_its_end(ask, reply: Reply) -> None:
    with pytest.raises(PermanentFailure) as failed:
        ask(reply)

    assert failed.value.code == "answer_too_large"


def test_a_head_without_end_is_refused(ask) -> None:
    def reply(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            connection.sendall(f"X-{number}: {'x' * 100}\r\n".encode())

    with pytest.raises(TemporaryFailure) as failed:
        ask(reply)

    assert failed.value.code == "broken_answer"


# --- failures


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "broken_answer"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "broken_answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "broken_answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Encoding: gzip\r\n\r\nnope", "broken_answer"),
    ],
)
def test_a_broken_answer_may_be_better_next_time(ask, raw: bytes, code: str) -> None:
    def reply(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_RDWR)

    with pytest.raises(TemporaryFailure) as failed:
        ask(reply)

    assert failed.value.code == code


def test_nobody_listening_may_be_better_next_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        place = f"127.0.0.1:{closed.getsockname()[1]}"

    with HttpClient(allow_private=[place]) as client, pytest.raises(TemporaryFailure) as failed:
        client.get(f"http://{place}/", limits=LIMITS)

    assert failed.value.code == "connection_failed"


@pytest.mark.parametrize(
    ("error", "failure", "code"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), PermanentFailure, "unknown_host"),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), TemporaryFailure, "resolution_failed"),
        (OSError("broken"), TemporaryFailure, "resolution_failed"),
    ],
)
def test_a_name_that_does_not_resolve_is_told_from_one_that_does_not_resolve_now(error, failure, code: str) -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise error

    with HttpClient(resolve=resolve) as client, pytest.raises(failure) as failed:
        client.get("https://shop.example/")

    assert failed.value.code == code


def test_a_name_without_addresses_is_a_failed_connection() -> None:
    with HttpClient(resolve=lambda *_: []) as client, pytest.raises(TemporaryFailure) as failed:
        client.get("https://shop.example/")

    assert failed.value.code == "connection_failed"


def test_a_silent_address_is_passed_over_for_the_next() -> None:
    with serve(answer()) as server:
        place = f"shop.example:{server.port}"
        # Nothing listens on the second loopback address at this port.
        with HttpClient(allow_private=[place], resolve=lambda *_: ["127.0.0.2", "127.0.0.1"]) as client:
            got = client.get(f"http://{place}/", limits=LIMITS)

    assert got.text == "hello"


@pytest.mark.parametrize(("name", "value"), [("X-A", "a\r\nX-B: b"), ("X A", "a"), ("X-A", "a\x00")])
def test_a_header_cannot_smuggle_another(ask, name: str, value: str) -> None:
    with pytest.raises(PermanentFailure) as failed:
        ask(answer(), headers={name: value})

    assert failed.value.code == "malformed_request"


def test_a_failure_does_not_repeat_the_secrets_of_its_address() -> None:
    with HttpClient(resolve=lambda *_: ["10.0.0.1"]) as client, pytest.raises(PermanentFailure) as failed:
        client.get("https://shop.example/hook/s3cret?token=s3cret")

    assert "s3cret" not in str(failed.value)
    assert "shop.example" in str(failed.value)


# --- the process's own client


def test_the_process_has_one_client_that_may_speak_to_our_own_fakes(settings) -> None:
    default_client.cache_clear()
    try:
        with serve(answer()) as server:
            settings.HTTP_ALLOW_PRIVATE = [server.place]
            with default_client() as client:
                assert client.get(f"http://{server.place}/").text == "hello"
                assert default_client() is client
    finally:
        default_client.cache_clear()


def test_certificates_are_verified_by_default() -> None:
    with HttpClient() as client:
        context = client._pool._ssl_context

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname is True
