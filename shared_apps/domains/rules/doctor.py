"""What raw records mean: the doctor's findings, one function for each aspect. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from integrations.tls import Certificate
from shared_apps.domains.rules.words import (
    ADDRESS_HERE,
    CERTIFICATE_ENDS_SOON,
    CERTIFICATE_NONE,
    CERTIFICATE_OK,
    PROOF_OK,
)
from shared_apps.domains.types import Finding

PROOF_PREFIX: Final = "stoa-verify="
# Authorities renew at a third of the life left; at a quarter something is wrong, whatever the life is (hours or months).
_LATE: Final = 4
_LONGEST_DETAIL: Final = 300
_OUR_WAYS: Final = frozenset({"http-01", "tls-alpn-01"})


def proof_finding(texts: Sequence[str], token: str) -> Finding:
    """Whether the TXT records at the challenge's name hold this attempt's token."""
    if f"{PROOF_PREFIX}{token}" in texts:
        return Finding(PROOF_OK)
    return Finding("other", _joined(texts)) if texts else Finding("missing")


def address_finding(addresses: Sequence[str], here: Collection[str], *, is_alias: bool = False) -> Finding:
    """Whether a name's addresses are ours, all of them: one of somebody else's takes visitors, and certificates, away.

    `is_alias` says that the name stands for our own: then whatever addresses that has are ours, and its owner's part is done.
    """
    if is_alias:
        return Finding(ADDRESS_HERE, _joined(addresses))
    if not addresses:
        return Finding("none")
    told, own = {_plain(text) for text in addresses}, {_plain(text) for text in here}
    if told <= own:
        return Finding(ADDRESS_HERE, _joined(addresses))
    return Finding("partly" if told & own else "elsewhere", _joined(addresses))


def caa_finding(records: Sequence[str], authorities: Collection[str]) -> Finding:
    """Whether one of `authorities` may make a certificate in our way, by the CAA records that count (RFC 8659 §4)."""
    issues = [value for tag, _, value in (record.partition(" ") for record in records) if tag == "issue"]
    if not issues:
        return Finding("open")
    shown = _joined([issue.strip() or ";" for issue in issues])
    ours = [issue for issue in issues if issue.partition(";")[0].strip().lower() in authorities]
    if not ours:
        return Finding("forbidden", shown)
    return Finding("allowed" if any(_allows_our_way(issue) for issue in ours) else "method", shown)


def _allows_our_way(issue: str) -> bool:
    """The proxy proves names by their addresses; a record may allow other ways only (RFC 8657 §4)."""
    named = _tag(issue, "validationmethods")
    return not named or bool({method.strip().lower() for method in named.split(",")} & _OUR_WAYS)


def certificate_finding(certificate: Certificate | None, *, now: datetime) -> Finding:
    """Whether the certificate holds, and for long enough."""
    if certificate is None or certificate.expires_at <= now:
        return Finding(CERTIFICATE_NONE)
    life = certificate.expires_at - certificate.issued_at
    is_late = (certificate.expires_at - now) * _LATE < life
    return Finding(CERTIFICATE_ENDS_SOON if is_late else CERTIFICATE_OK, certificate.issuer[:_LONGEST_DETAIL])


def spf_finding(texts: Sequence[str]) -> Finding:
    """Whether exactly one SPF record stands at the mail domain (RFC 7208 §4.5)."""
    return _exactly_one([text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")])


def dkim_finding(keys: Sequence[str]) -> Finding:
    """Whether some DKIM key that is not withdrawn (RFC 6376 §3.6.1: an empty `p`) stands under the names asked for."""
    standing = [key for key in keys if _tag(key, "p")]
    return Finding("some") if standing else Finding("none")


def dmarc_finding(texts: Sequence[str]) -> Finding:
    """What DMARC does for the mail domain (RFC 7489 §6.6.3)."""
    found = _exactly_one([text for text in texts if text.replace(" ", "").lower().startswith("v=dmarc1")])
    if found.value != "one":
        return found
    return Finding("watching" if (_tag(found.detail, "p") or "none").lower() == "none" else "enforced", found.detail)


def _exactly_one(records: Sequence[str]) -> Finding:
    if not records:
        return Finding("none")
    return Finding("one" if len(records) == 1 else "several", _joined(records))


def _tag(record: str, name: str) -> str:
    pairs = (part.partition("=") for part in record.split(";"))
    return next((value.strip() for tag, _, value in pairs if tag.strip().lower() == name), "")


def _joined(texts: Sequence[str]) -> str:
    return ", ".join(texts)[:_LONGEST_DETAIL]


def _plain(text: str) -> str:
    """An address in the one form in which it can be compared; other texts as they are."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text
