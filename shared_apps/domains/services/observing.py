"""Asks DNS and our own proxy, and makes findings of the answers. Reads nothing of the database, writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings

from integrations.dns import Dns
from integrations.tls import CertificateProbe
from kernel.errors import TemporaryFailure
from shared_apps.domains.rules import doctor
from shared_apps.domains.rules.words import ADDRESS_HERE
from shared_apps.domains.types import CHALLENGE, Aspect, Evidence, Finding
from tenants.rules_hosts import registrable

# Under these names the large mail providers put their keys; others cannot be found from outside (RFC 6376 §3.1).
DKIM_SELECTORS: Final = ("default", "google", "selector1", "selector2", "k1", "s1", "mail", "dkim")


def observe_briefly(dns: Dns, *, host: str, token: str) -> Evidence:
    """Proof and address: what decides whether a domain is somebody's, and leads here. A handful of questions."""
    return Evidence(
        _answered(
            {
                Aspect.PROOF: lambda: doctor.proof_finding(dns.lookup(f"{CHALLENGE}.{host}", "TXT"), token),
                Aspect.ADDRESS: lambda: doctor.address_finding(_addresses(dns, host), _here(dns)),
            }
        )
    )


def observe_fully(dns: Dns, probe: CertificateProbe | None, *, host: str, token: str, now: datetime) -> Evidence:
    """All that the doctor looks at. Stops where DNS is away; asks for a certificate only where the name leads here."""
    seen = dict(observe_briefly(dns, host=host, token=token).findings)
    if not seen:
        return Evidence()
    mail = registrable(host) or host
    seen |= _answered(
        {
            Aspect.CAA: lambda: doctor.caa_finding(_caa(dns, host), settings.DOMAIN_AUTHORITIES),
            Aspect.SPF: lambda: doctor.spf_finding(dns.lookup(mail, "TXT")),
            Aspect.DMARC: lambda: doctor.dmarc_finding(dns.lookup(f"_dmarc.{mail}", "TXT")),
            Aspect.DKIM: lambda: doctor.dkim_finding(_dkim(dns, mail)),
        }
    )
    address = seen.get(Aspect.ADDRESS)
    if probe is None or address is None or address.value != ADDRESS_HERE:
        return Evidence(seen)
    return _with_certificate(seen, probe, host, now)


def _with_certificate(seen: dict[Aspect, Finding], probe: CertificateProbe, host: str, now: datetime) -> Evidence:
    try:
        certificate = probe.look(host)
    except TemporaryFailure:
        return Evidence(seen)
    seen[Aspect.CERTIFICATE] = doctor.certificate_finding(certificate, now=now)
    return Evidence(seen, None if certificate is None else certificate.expires_at)


def _answered(questions: dict[Aspect, Callable[[], Finding]]) -> dict[Aspect, Finding]:
    found = {}
    for aspect, ask in questions.items():
        try:
            found[aspect] = ask()
        except TemporaryFailure:  # no answer says nothing: the aspect stays as it was known
            continue
    return found


def _addresses(dns: Dns, host: str) -> tuple[str, ...]:
    return (*dns.lookup(host, "A"), *dns.lookup(host, "AAAA"))


def _here(dns: Dns) -> frozenset[str]:
    return frozenset(settings.DOMAIN_ADDRESSES or _addresses(dns, settings.DOMAIN_TARGET))


def _caa(dns: Dns, host: str) -> tuple[str, ...]:
    """The records that count: those of the nearest name above that has any (RFC 8659 §3)."""
    labels = host.split(".")
    for start in range(len(labels) - 1):
        if found := dns.lookup(".".join(labels[start:]), "CAA"):
            return found
    return ()


def _dkim(dns: Dns, mail: str) -> list[str]:
    return [text for selector in DKIM_SELECTORS for text in dns.lookup(f"{selector}._domainkey.{mail}", "TXT")]
