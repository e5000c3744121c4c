"""The words of domains: states, what a check looks at, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Kind = Literal["ok", "info", "warn", "bad"]
DOMAIN_PREFIX: Final = "dom"
CHALLENGE: Final = "_stoa-challenge"


class ClaimState(models.TextChoices):
    """Where a domain stands between a wish and a certificate, and afterwards."""

    CLAIMED = "claimed", _("Waiting for your DNS records")
    VERIFIED = "verified", _("Proven, not pointing here yet")
    ISSUING = "issuing", _("Getting a certificate")
    LIVE = "live", _("Live")
    FAILING = "failing", _("Failing")
    RELEASED = "released", _("Removed")


class Aspect(models.TextChoices):
    """What the doctor looks at. `STATE` is where the domain stands, told in the same list."""

    STATE = "state", _("State")
    PROOF = "proof", _("Proof")
    ADDRESS = "address", _("Address")
    CAA = "caa", _("Certificate rules (CAA)")
    CERTIFICATE = "certificate", _("Certificate")
    SPF = "spf", _("Mail: SPF")
    DKIM = "dkim", _("Mail: DKIM")
    DMARC = "dmarc", _("Mail: DMARC")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one aspect is like: `value` is a word of `rules.words`, `detail` what the zone says, for people to compare."""

    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check saw. An aspect that was not looked at says nothing, and one that nobody answered about (`silent`) neither.

    Without `needs_certificate` no proxy of ours makes any, so that a name which leads here lacks nothing.
    """

    findings: Mapping[Aspect, Finding] = field(default_factory=dict)
    silent: frozenset[Aspect] = frozenset()
    certificate_expires_at: datetime | None = None
    needs_certificate: bool = True

    def value(self, aspect: Aspect) -> str | None:
        """The word for `aspect`; None when nothing is known."""
        found = self.findings.get(aspect)
        return None if found is None else found.value


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision about a domain needs to know of it.

    `hint` is where an earlier look pointed to, at `hinted_at`: what gives a name away, or takes something from a live domain,
    is done only when a second look some time later agrees. `was_live` tells whether it ever was whole.
    """

    state: ClaimState
    claim_expires_at: datetime
    failing_since_at: datetime | None = None
    proven_at: datetime | None = None
    hint: ClaimState | None = None
    hinted_at: datetime | None = None
    was_live: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a domain goes; `reason` is why it was released, a word of `rules.words`, else empty.

    With a `hint` it stays, and goes there if the next look agrees.
    """

    state: ClaimState
    reason: str = ""
    hint: ClaimState | None = None


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """A record that the owner sets at their DNS provider."""

    kind: str
    name: str
    value: str
    purpose: str | Promise


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is so, and what to do about it (empty: nothing). `kind` is the kind of notice."""

    text: str | Promise
    cure: str | Promise = ""
    kind: Kind = "info"


@dataclass(frozen=True, slots=True)
class Line:
    """One aspect in words, as pages and letters show it: as it was seen at `at`, or as it became then.

    `silent_since` is since when nobody answers; `ends_at` is when the domain is removed, unless something changes.
    """

    aspect: Aspect
    sentence: Sentence
    detail: str = ""
    at: datetime | None = None
    silent_since: datetime | None = None
    ends_at: datetime | None = None

    @property
    def label(self) -> str | Promise:
        return self.aspect.label
