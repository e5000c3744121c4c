"""Asks DNS and our own proxy, and makes findings of the answers. Reads nothing of the database, writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
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
_LONGEST_CHAIN: Final = 4

type Questions = Mapping[Aspect, Callable[[], Finding]]


def observe_briefly(dns: Dns, *, host: str, token: str) -> Evidence:
    """Proof and address: what decides whether a domain is somebody's, and leads here. A handful of questions."""
    return _answered(
        {
            Aspect.PROOF: lambda: doctor.proof_finding(dns.lookup(f"{CHALLENGE}.{host}", "TXT"), token),
            Aspect.ADDRESS: lambda: _address(dns, host),
        }
    )


def observe_fully(
    dns: Dns, probe: CertificateProbe | None, *, host: str, token: str, with_mail: bool, now: datetime
) -> Evidence:
    """All that the doctor looks at, what matters most first; the records about mail only when their day has come.

    Stops where DNS is away; asks for a certificate only where the name leads here.
    """
    seen = replace(observe_briefly(dns, host=host, token=token), needs_certificate=probe is not None)
    if not seen.findings:
        return seen
    seen = _joined(seen, _answered({Aspect.CAA: lambda: doctor.caa_finding(_caa(dns, host), settings.DOMAIN_AUTHORITIES)}))
    if probe is not None and seen.value(Aspect.ADDRESS) == ADDRESS_HERE:
        seen = _with_certificate(seen, probe, host, now)
    return _joined(seen, _answered(_about_mail(dns, registrable(host) or host))) if with_mail else seen


def _about_mail(dns: Dns, mail: str) -> Questions:
    return {
        Aspect.SPF: lambda: doctor.spf_finding(dns.lookup(mail, "TXT")),
        Aspect.DMARC: lambda: doctor.dmarc_finding(dns.lookup(f"_dmarc.{mail}", "TXT")),
        Aspect.DKIM: lambda: doctor.dkim_finding(_dkim(dns, mail)),
    }


def _with_certificate(seen: Evidence, probe: CertificateProbe, host: str, now: datetime) -> Evidence:
    try:
        certificate = probe.look(host)
    except TemporaryFailure:
        return _joined(seen, Evidence(silent=frozenset({Aspect.CERTIFICATE})))
    found = doctor.certificate_finding(certificate, now=now)
    known = replace(seen, certificate_expires_at=None if certificate is None else certificate.expires_at)
    return _joined(known, Evidence({Aspect.CERTIFICATE: found}))


def _answered(questions: Questions) -> Evidence:
    found, silent = {}, set()
    for aspect, ask in questions.items():
        try:
            found[aspect] = ask()
        except TemporaryFailure:  # no answer says nothing: the aspect stays as it was known
            silent.add(aspect)
    return Evidence(found, frozenset(silent))


def _joined(first: Evidence, second: Evidence) -> Evidence:
    return replace(first, findings={**first.findings, **second.findings}, silent=first.silent | second.silent)


def _address(dns: Dns, host: str) -> Finding:
    """Where `host` leads. One that is an alias of ours leads here, whatever our own name's records say at this moment."""
    addresses = _addresses(dns, host)
    found = doctor.address_finding(addresses, _here(dns))
    if found.value == ADDRESS_HERE or not _is_alias_of_ours(dns, host):
        return found
    return doctor.address_finding(addresses, (), is_alias=True)


def _addresses(dns: Dns, host: str) -> tuple[str, ...]:
    return (*dns.lookup(host, "A"), *dns.lookup(host, "AAAA"))


def _here(dns: Dns) -> frozenset[str]:
    """Our own addresses.

    Raises:
        TemporaryFailure: our own name has none. That is our slip, and no organization's domain may fall for it.
    """
    here = frozenset(settings.DOMAIN_ADDRESSES or _addresses(dns, settings.DOMAIN_TARGET))
    if not here:
        raise TemporaryFailure(f"{settings.DOMAIN_TARGET} has no address", code="target_without_address")
    return here


def _is_alias_of_ours(dns: Dns, host: str) -> bool:
    name = host
    for _ in range(_LONGEST_CHAIN):
        follows = dns.lookup(name, "CNAME")
        if not follows or follows[0] == settings.DOMAIN_TARGET.lower():
            return bool(follows)
        name = follows[0]
    return False


def _caa(dns: Dns, host: str) -> tuple[str, ...]:
    """The records that count: those of the nearest name above that has any (RFC 8659 §3)."""
    labels = host.split(".")
    for start in range(len(labels) - 1):
        if found := dns.lookup(".".join(labels[start:]), "CAA"):
            return found
    return ()


def _dkim(dns: Dns, mail: str) -> list[str]:
    return [text for selector in DKIM_SELECTORS for text in dns.lookup(f"{selector}._domainkey.{mail}", "TXT")]
