"""The one client for DNS: absolute names, one time limit for each question, and "nothing there" told from "no answer"."""

from __future__ import annotations

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

        Names come back without the final dot, a TXT record as its strings put together, a CAA record as `tag value`.

        Raises:
            TemporaryFailure: nobody answered within the limit, or the answer was a failure. It says nothing about the zone.
        """


class Resolver:
    """dnspython, without the system's search list: `example.com` is never asked as `example.com.our.network`."""

    def __init__(self, servers: Sequence[str], *, timeout_seconds: float) -> None:
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*_address(server)) for server in servers]
        self._timeout_seconds = timeout_seconds

    def lookup(self, name: str, kind: RecordKind) -> tuple[str, ...]:
        """As `Dns.lookup`."""
        try:
            answer = self._resolver.resolve(
                dns.name.from_text(name), kind, lifetime=self._timeout_seconds, raise_on_no_answer=False, search=False
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except dns.exception.DNSException as error:
            raise TemporaryFailure(f"DNS gave no answer for {kind} {name}: {error}", code="dns_no_answer") from error
        return tuple(sorted(_text(record) for record in answer.rrset or ()))


def configured_dns(*, timeout_seconds: float) -> Dns:
    """The client that the settings describe: `DNS_SERVERS` (`host` or `host:port`), or the system's own when empty."""
    return Resolver(settings.DNS_SERVERS, timeout_seconds=timeout_seconds)


def _address(server: str) -> tuple[str, int]:
    host, colon, port = server.rpartition(":")
    return (host, int(port)) if colon else (server, _PORT)


def _text(record: object) -> str:
    match record:
        case TXT(strings=strings):
            return b"".join(strings).decode("utf-8", "replace")
        case CAA(tag=tag, value=value):
            return f"{tag.decode('ascii', 'replace').lower()} {value.decode('utf-8', 'replace')}"
        case _:
            return str(record).rstrip(".").lower()
