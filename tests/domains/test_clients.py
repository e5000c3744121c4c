"""Our clients of DNS and TLS: what they make of slow, broken and spiteful servers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import SimpleNamespace

import dns.rdata
import dns.resolver
import pytest

from integrations.dns import resolver, server_address
from integrations.dns.resolver import Resolver, _text
from integrations.tls.handshake import Handshake
from kernel.errors import TemporaryFailure
from tenants.checks import check_addresses

pytestmark = pytest.mark.proves("faults.domains")


@pytest.mark.parametrize(
    ("kind", "raw", "text"),
    [
        ("TXT", '"a\\000b"', "a�b"),
        ("TXT", '"stoa-" "verify=1"', "stoa-verify=1"),
        ("TXT", '"\\226\\128\\174drow"', "�drow"),  # a mark that turns the line around
        ("TXT", '"\\255\\254"', "��"),
        ("CAA", '0 issue "a\\000b"', "issue a�b"),
        ("TXT", '"gr\\195\\188\\195\\159e"', "grüße"),
    ],
)
def test_what_nobody_can_print_or_keep_is_replaced(kind, raw, text):
    assert _text(dns.rdata.from_text("IN", kind, raw)) == text


def test_slow_servers_get_one_time_for_all_questions_together(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    lifetimes: list[float] = []

    def resolve(*_args, lifetime: float, **_named):
        lifetimes.append(lifetime)
        clock.now += lifetime
        raise dns.resolver.NoNameservers

    monkeypatch.setattr(resolver, "time", SimpleNamespace(monotonic=lambda: clock.now))
    asking = Resolver(["192.0.2.1"], timeout_seconds=4, deadline_seconds=15)
    monkeypatch.setattr(asking._resolver, "resolve", resolve)

    for number in range(20):
        with pytest.raises(TemporaryFailure):
            asking.lookup(f"b{number}.acme-cleaning.com", "TXT")

    assert lifetimes == [4, 4, 4, 3]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2606:4700:4700::1111", ("2606:4700:4700::1111", 53)),
        ("[2606:4700:4700::1111]:5353", ("2606:4700:4700::1111", 5353)),
        ("[2606:4700:4700::1111]", ("2606:4700:4700::1111", 53)),
    ],
)
def test_a_name_server_is_named_by_its_address_and_perhaps_a_port(text, address):
    assert server_address(text) == address


@pytest.mark.parametrize("text", ["dns.stoa-market.com", "192.0.2.1:dns", "[::1", "192.0.2.1:", ""])
def test_other_texts_name_no_server(text):
    with pytest.raises(ValueError, match=r".*"):
        server_address(text)


@contextmanager
def proxy(answer) -> Generator[str]:
    """Somebody who takes one connection and does `answer` with it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(30)


def look(edge: str):
    return Handshake(edge, authorities="", timeout_seconds=0.2).look("book.acme-cleaning.com")


def close_at_once(connection: socket.socket) -> None:
    connection.recv(1)


def say_nothing(connection: socket.socket) -> None:
    while connection.recv(4096):  # until the other side gives up
        pass


def refuse(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(bytes([21, 3, 3, 0, 2, 2, 80]))  # a fatal alert, internal error: what Caddy says of an unknown name
    say_nothing(connection)


@pytest.mark.parametrize("answer", [close_at_once, say_nothing])
def test_a_connection_that_breaks_or_is_too_slow_says_nothing_about_the_name(answer):
    with proxy(answer) as edge, pytest.raises(TemporaryFailure):
        look(edge)


def test_a_proxy_that_is_away_says_nothing_either():
    with socket.create_server(("127.0.0.1", 0)) as server:
        edge = f"127.0.0.1:{server.getsockname()[1]}"

    with pytest.raises(TemporaryFailure):
        look(edge)


def test_an_alert_says_that_there_is_no_certificate():
    with proxy(refuse) as edge:
        assert look(edge) is None


@pytest.mark.parametrize(
    ("setting", "text"),
    [("DOMAIN_ADDRESSES", "domains.stoa-market.com"), ("DNS_SERVERS", "2001:db8::1:53:x"), ("INTERNAL_NETWORKS", "10.0.0.1/8")],
)
def test_a_start_is_refused_with_what_is_no_address(settings, setting, text):
    assert list(check_addresses(None)) == []

    setattr(settings, setting, [text])

    (found,) = check_addresses(None)
    assert found.id == "tenants.E020"
    assert text in found.msg
