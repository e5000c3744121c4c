"""A DNS server on loopback and a Caddy with an authority of its own; each ends with its test."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from dnslib import QTYPE, RCODE, RR, DNSRecord
from dnslib.server import BaseResolver, DNSLogger, DNSServer

from ops.local.home import ROOT
from ops.local.process import start_child, stop_child
from ops.packages import find_program

_START_SECONDS = 60.0


@dataclass
class Zone(BaseResolver):
    """What the server knows, in the form of zone files: name → lines such as `TXT "…"`. `broken` names answer SERVFAIL."""

    records: dict[str, list[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def resolve(self, request: DNSRecord, handler: object) -> DNSRecord:
        """The answer, CNAMEs followed; NXDOMAIN for a name without any record."""
        reply, name = request.reply(), str(request.q.qname).rstrip(".").lower()
        if name in self.broken:
            reply.header.rcode = RCODE.SERVFAIL
        elif name not in self.records:
            reply.header.rcode = RCODE.NXDOMAIN
        else:
            reply.add_answer(*self._answers(name, QTYPE[request.q.qtype]))
        return reply

    def _answers(self, name: str, kind: str) -> Generator[RR]:
        for line in self.records.get(name, []):
            is_alias = line.startswith("CNAME ")
            if line.startswith(f"{kind} ") or is_alias:
                yield from RR.fromZone(f"{name}. 1 IN {line}")
            if is_alias and kind != "CNAME":
                yield from self._answers(line.removeprefix("CNAME ").rstrip("."), kind)


@contextmanager
def dns_server(zone: Zone) -> Generator[str]:
    """A real server for `zone`; yields its address as the settings have it."""
    # The default logger prints every question.
    server = DNSServer(zone, address="127.0.0.1", port=0, logger=DNSLogger(log="-request,-reply,-truncated,-error"))
    port = server.server.server_address[1]
    server.start_thread()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop()
        server.server.server_close()


@dataclass
class Caddy:
    """A running one: its port, the certificate of its authority, and how to stop what stands behind it."""

    port: int
    root: Path
    stop_pages: Callable[[], None] = lambda: None

    def connect(self, host: str) -> ssl.SSLSocket:
        """A handshake in the name of `host`, as a browser that trusts the authority."""
        context = ssl.create_default_context(cafile=str(self.root))
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        try:
            return context.wrap_socket(raw, server_hostname=host)
        except BaseException:
            raw.close()
            raise

    def get(self, host: str, path: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and body of a page."""
        with self.connect(host) as wrapped:
            wrapped.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{self.port}\r\nConnection: close\r\n\r\n".encode())
            answer = HTTPResponse(wrapped)
            answer.begin()
            with answer:
                return answer.status, dict(answer.getheaders()), answer.read().decode()


@contextmanager
def caddy(web_port: int, *, ports: tuple[int, int], folder: Path) -> Generator[Caddy]:
    """The deployment's own Caddyfile, with an internal authority; `ports` are for TLS and for plain HTTP."""
    program = find_program("caddy")
    if program is None:
        pytest.fail("No Caddy on this machine: install one, or let `python -m ops.packages caddy` do it.")
    port, plain_port = ports
    storage = folder / "caddy"
    options = [
        "admin off",
        "skip_install_trust",
        f"http_port {plain_port}",
        f"https_port {port}",
        f"storage file_system {storage}",
    ]
    environment = os.environ | {
        "HOME": str(folder),
        "WEB_ADDRESS": f"127.0.0.1:{web_port}",
        "LIVE_ADDRESS": f"127.0.0.1:{web_port}",
        "CADDY_OPTIONS": "\n".join(options),
        "CADDY_TLS": "issuer internal",
    }
    log = folder / "caddy.log"
    command = [program, "run", "--config", str(ROOT / "ops/deploy/Caddyfile"), "--adapter", "caddyfile"]
    child = start_child(command, log=log, env=environment)
    root = storage / "pki/authorities/local/root.crt"
    try:
        wait_until(lambda: root.exists() and is_open(port), log)
        yield Caddy(port, root)
    finally:
        stop_child(child, timeout_seconds=5)


def is_open(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_answering(port: int) -> bool:
    """Whether the pages are up."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def wait_until(condition, log: Path | None = None, *, seconds: float = _START_SECONDS) -> None:
    """Come back when `condition()` holds; fail, with the end of the log, when it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"It did not happen: {log.read_text()[-2000:] if log and log.exists() else condition}")
