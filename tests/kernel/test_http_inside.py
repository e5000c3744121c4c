"""Nothing that a person types, a name server answers or a server replies leads the client to the inside."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import chain, repeat

import httpx2
import pytest

from kernel.errors import ForbiddenAddress, PermanentFailure, TemporaryFailure
from kernel.http_client import HttpClient
from tests.kernel.web import Server, answer, redirect, serve

PUBLIC = "93.184.216.34"
ANYTHING = {"schemes": frozenset({"http", "https"})}


@pytest.fixture
def inside() -> Iterator[Server]:
    """A server on the inside that nobody may reach."""
    with serve(answer(body=b"crown jewels")) as server:
        yield server


@pytest.fixture
def dialled(monkeypatch) -> list[tuple[str, int]]:
    """The addresses that a connection was opened to; none of them is."""
    dialled: list[tuple[str, int]] = []

    def create_connection(address: tuple[str, int], *_arguments: object, **_options: object) -> socket.socket:
        dialled.append(address)
        raise OSError("this test does not go out")

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return dialled


def client_for(server: Server, **options) -> HttpClient:
    """A client that would take the server's scheme and port, so that only the address can be what it minds."""
    return HttpClient(**ANYTHING, ports=frozenset({server.port}), **options)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_no_way_of_writing_the_loopback_leads_to_it(inside: Server, host: str) -> None:
    with client_for(inside) as client, pytest.raises((ForbiddenAddress, PermanentFailure)):
        client.get(f"http://{host}:{inside.port}/")

    assert inside.connections == []


def test_without_the_guard_the_inside_would_answer(inside: Server) -> None:
    """The negative control of the test above."""
    with HttpClient(allow_private=[inside.place]) as client:
        assert client.get(f"http://{inside.place}/").text == "crown jewels"


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:169.254.169.254"],
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
    ],
)
def test_a_name_that_answers_with_the_inside_is_refused_even_among_good_answers(dialled, answers: list[str]) -> None:
    with HttpClient(resolve=lambda *_: answers) as client, pytest.raises(ForbiddenAddress):
        client.get("https://evil.example/")

    assert dialled == []


def test_a_name_is_asked_once_and_its_answer_is_what_is_dialled(dialled) -> None:
    """DNS rebinding: the second answer would be the inside, but there is no second question."""
    answers = chain([[PUBLIC]], repeat(["127.0.0.1"]))
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    with HttpClient(resolve=resolve) as client, pytest.raises(TemporaryFailure):
        client.get("https://rebind.example/")

    assert asked == ["rebind.example"]
    assert dialled == [(PUBLIC, 443)]


def test_checking_a_name_before_connecting_by_name_would_reach_the_inside(inside: Server, monkeypatch) -> None:
    """The negative control of the test above: the usual way, check first and let the library look the name up again."""
    answers = chain([PUBLIC], repeat("127.0.0.1"))

    def getaddrinfo(_host: str, port: int, *_arguments: object, **_options: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    checked = socket.getaddrinfo("rebind.example", inside.port)[0][4][0]

    got = httpx2.get(f"http://rebind.example:{inside.port}/", trust_env=False)

    assert checked == PUBLIC
    assert got.text == "crown jewels"


def test_each_new_connection_is_checked_anew(dialled) -> None:
    answers = iter([[PUBLIC], ["10.0.0.1"]])
    with HttpClient(resolve=lambda *_: next(answers)) as client:
        with pytest.raises(TemporaryFailure):
            client.get("https://rebind.example/")
        with pytest.raises(ForbiddenAddress):
            client.get("https://rebind.example/")

    assert dialled == [(PUBLIC, 443)]


def test_a_redirect_to_the_inside_is_refused(inside: Server) -> None:
    with (
        serve(redirect(f"http://127.0.0.1:{inside.port}/")) as outside,
        HttpClient(allow_private=[outside.place]) as client,
        pytest.raises(ForbiddenAddress),
    ):
        client.get(f"http://{outside.place}/")

    assert inside.connections == []


def test_a_redirect_by_name_to_the_inside_is_refused(inside: Server) -> None:
    with (
        serve(redirect(f"http://evil.example:{inside.port}/")) as outside,
        client_for(inside, allow_private=[outside.place], resolve=lambda *_: ["127.0.0.1"]) as client,
        pytest.raises(ForbiddenAddress, match="evil"),
    ):
        client.get(f"http://{outside.place}/")

    assert inside.connections == []


def test_what_is_allowed_inside_is_not_reached_by_a_redirect_from_outside(inside: Server, monkeypatch) -> None:
    """Our own fakes trust whoever reaches them, so a stranger's server must not send us there."""
    monkeypatch.setattr("kernel.http_client.network.is_public_address", lambda _address: True)
    with (
        serve(redirect(f"http://{inside.place}/")) as outside,
        client_for(outside, allow_private=[inside.place]) as client,
        pytest.raises(ForbiddenAddress, match="redirect"),
    ):
        client.get(f"http://{outside.place}/")

    assert inside.connections == []


@pytest.mark.parametrize("target", ["ftp://{place}/", "file:///etc/passwd", "gopher://{place}/", "//{place}:0/"])
def test_a_redirect_to_something_else_than_the_web_is_refused(inside: Server, target: str) -> None:
    with (
        serve(redirect(target.format(place=inside.place))) as outside,
        HttpClient(allow_private=[outside.place]) as client,
        pytest.raises(PermanentFailure),
    ):
        client.get(f"http://{outside.place}/")

    assert inside.connections == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://shop.example/", "forbidden_scheme"),
        ("ftp://shop.example/", "forbidden_scheme"),
        ("ws://shop.example/", "forbidden_scheme"),
        ("file:///etc/passwd", "forbidden_scheme"),
        ("shop.example", "forbidden_scheme"),
        ("https:///path", "forbidden_scheme"),
        ("https://shop.example:22/", "forbidden_port"),
        ("https://shop.example:6379/", "forbidden_port"),
        ("https://user:secret@shop.example/", "credentials_in_url"),
        ("https://shop.example@evil.example/", "credentials_in_url"),
    ],
)
def test_an_address_of_the_wrong_kind_is_refused_before_its_name_is_looked_up(url: str, code: str) -> None:
    asked: list[str] = []
    with (
        HttpClient(resolve=lambda host, _port: asked.append(host) or [PUBLIC]) as client,
        pytest.raises(ForbiddenAddress) as refused,
    ):
        client.get(url)

    assert refused.value.code == code
    assert asked == []


@pytest.mark.parametrize(
    "url", ["https://sho p.example/", "https://[::1/", "https://a..b/", "https://" + "a" * 300 + "/", "https://a:99999/"]
)
def test_what_is_no_address_at_all_is_refused(url: str) -> None:
    with HttpClient() as client, pytest.raises(PermanentFailure):
        client.get(url)


def test_the_host_header_cannot_name_another_host(inside: Server) -> None:
    with HttpClient(allow_private=[inside.place]) as client, pytest.raises(ForbiddenAddress) as refused:
        client.get(f"http://{inside.place}/", headers={"Host": "internal.example"})

    assert refused.value.code == "host_mismatch"
    assert inside.connections == []


def test_plain_http_and_other_ports_can_be_allowed_where_they_are_needed(dialled) -> None:
    with HttpClient(
        schemes=frozenset({"http", "https"}), ports=frozenset({80, 443, 8443}), resolve=lambda *_: [PUBLIC]
    ) as client:
        for url in ("http://shop.example/", "https://shop.example:8443/"):
            with pytest.raises(TemporaryFailure):
                client.get(url)

    assert dialled == [(PUBLIC, 80), (PUBLIC, 8443)]


def test_no_more_than_a_few_addresses_of_a_name_are_dialled(dialled) -> None:
    many = [f"93.184.216.{number}" for number in range(1, 100)]

    with HttpClient(resolve=lambda *_: many) as client, pytest.raises(TemporaryFailure):
        client.get("https://many.example/")

    assert [host for host, _port in dialled] == many[:4]
