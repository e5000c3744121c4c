"""A TLS handshake with our own proxy, in a customer's name: it is what makes the proxy get a certificate, and shows it.

The connection goes to the address in the settings and never to one that DNS gave: a tenant's name leads nowhere inside.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from django.conf import settings

from kernel.errors import TemporaryFailure


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that a browser would take, for the name that was asked for."""

    issued_at: datetime
    expires_at: datetime
    issuer: str


class CertificateProbe(Protocol):
    """Who looks."""

    def look(self, host: str) -> Certificate | None:
        """The certificate that is shown for `host`; None when the handshake shows none that holds.

        Raises:
            TemporaryFailure: the proxy is away, too slow or breaks the connection off, which says nothing about the name.
        """


class Handshake:
    """A real one. `authorities` is a file of certificates to trust instead of the system's (an internal authority)."""

    def __init__(self, edge: str, *, authorities: str, timeout_seconds: float) -> None:
        host, _, port = edge.rpartition(":")
        self._edge = (host, int(port))
        self._authorities = authorities
        self._timeout_seconds = timeout_seconds

    def look(self, host: str) -> Certificate | None:
        """As `CertificateProbe.look`."""
        context = ssl.create_default_context(cafile=self._authorities or None)
        try:
            raw = socket.create_connection(self._edge, timeout=self._timeout_seconds)
        except OSError as error:
            raise TemporaryFailure(f"our proxy is away: {error}", code="edge_away") from error
        try:
            with raw, context.wrap_socket(raw, server_hostname=host) as wrapped:
                return _read(wrapped)
        except ssl.SSLCertVerificationError:  # for another name, of a stranger's making, or too old
            return None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError) as error:
            raise TemporaryFailure(f"our proxy broke off: {error}", code="edge_away") from error
        except ssl.SSLError:  # the proxy's alert: it has none for this name
            return None
        except OSError as error:
            raise TemporaryFailure(f"our proxy broke off: {error}", code="edge_away") from error


def configured_probe(*, timeout_seconds: float) -> CertificateProbe | None:
    """The probe that the settings describe; None where no proxy of ours makes certificates (`DOMAIN_EDGE` is empty)."""
    if not settings.DOMAIN_EDGE:
        return None
    return Handshake(settings.DOMAIN_EDGE, authorities=settings.DOMAIN_EDGE_AUTHORITIES, timeout_seconds=timeout_seconds)


def _read(wrapped: ssl.SSLSocket) -> Certificate | None:
    shown = wrapped.getpeercert()
    if not shown:
        return None
    issuer = dict(pair for group in shown["issuer"] for pair in group)  # type: ignore[misc]  # names, as documented
    return Certificate(
        _moment(str(shown["notBefore"])),
        _moment(str(shown["notAfter"])),
        str(issuer.get("organizationName") or issuer.get("commonName") or ""),
    )


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
