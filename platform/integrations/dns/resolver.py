"""The one client for DNS: absolute names, a time limit for each question and for all, "nothing there" told from "no answer"."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Sequence
from typing import Final, Literal, Protocol

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from django.conf import settings
from dns.rdtypes.ANY.CAA import CAA
from dns.rdtypes.ANY.TXT import TXT

from kernel.errors import TemporaryFailure

type RecordKind = Literal["A", "AAAA", "CAA", "CNAME", "TXT"]

_PORT: Final = 53


class Dns(Protocol):
    """Whom the platform asks about names."""

    def lookup(self, name: str, kind: RecordKind) -> tuple[str, ...]:
        """The records of `kind` at `name` as texts, sorted; empty when the zone says that there are none.

        Names come back without the final dot, a TXT record as its strings put together, a CAA record as `tag value`. What
        cannot be printed, or kept by a database, is replaced.

        Raises:
            TemporaryFailure: nobody answered within the limit, or the answer was a failure. It says nothing about the zone.
        """


class Resolver:
    """dnspython, without the system's search list: `example.com` is never asked as `example.com.our.network`.

    The time for all its questions begins with the first one: servers that are slow on purpose hold nobody up for longer.
    """

    def __init__(self, servers: Sequence[str], *, timeout_seconds: float, deadline_seconds: float) -> None:
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*server_address(server)) for server in servers]
        self._timeout_seconds = timeout_seconds
        self._deadline_seconds = deadline_seconds
        self._ends: float | None = None

    def lookup(self, name: str, kind: RecordKind) -> tuple[str, ...]:
        """As `Dns.lookup`."""
        lifetime = min(self._timeout_seconds, self._left_seconds())
        if lifetime <= 0:
            raise TemporaryFailure(f"DNS took too long before {kind} {name}", code="dns_no_answer")
        try:
            answer = self._resolver.resolve(
                dns.name.from_text(name), kind, lifetime=lifetime, raise_on_no_answer=False, search=False
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except dns.exception.DNSException as error:
            raise TemporaryFailure(f"DNS gave no answer for {kind} {name}: {error}", code="dns_no_answer") from error
        return tuple(sorted(_text(record) for record in answer.rrset or ()))

    def _left_seconds(self) -> float:
        moment = time.monotonic()
        if self._ends is None:
            self._ends = moment + self._deadline_seconds
        return self._ends - moment


def configured_dns(*, timeout_seconds: float, deadline_seconds: float) -> Dns:
    """The client that the settings describe: `DNS_SERVERS`, or the system's own when empty. One for each check."""
    return Resolver(settings.DNS_SERVERS, timeout_seconds=timeout_seconds, deadline_seconds=deadline_seconds)


def server_address(server: str) -> tuple[str, int]:
    """An entry of `DNS_SERVERS` as address and port: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`.

    Raises:
        ValueError: it is none of these.
    """
    if server.startswith("["):
        host, end, rest = server[1:].partition("]")
        if not end:
            raise ValueError(f"{server!r} has no closing bracket")
        port = rest.removeprefix(":") or str(_PORT)
    elif server.count(":") == 1:
        host, _, port = server.partition(":")
    else:
        host, port = server, str(_PORT)
    return str(ipaddress.ip_address(host)), int(port)


def _text(record: object) -> str:
    match record:
        case TXT(strings=strings):
            return _printable(b"".join(strings).decode("utf-8", "replace"))
        case CAA(tag=tag, value=value):
            return _printable(f"{tag.decode('ascii', 'replace').lower()} {value.decode('utf-8', 'replace')}")
        case _:
            return _printable(str(record).rstrip(".").lower())


def _printable(text: str) -> str:
    """Whoever has a zone writes what he likes into it: NUL, which no database keeps, and marks that turn lines around."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
