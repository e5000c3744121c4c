"""What a marketplace may be called on the platform: format, reserved words, and names that look like others. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Final

from django.utils.translation import gettext as _

from tenants.errors import SlugMalformed, SlugReserved

MIN_LENGTH: Final = 3
MAX_LENGTH: Final = 40
_FORMAT: Final = re.compile(r"[a-z0-9](?:-?[a-z0-9])*")
_NOT_LATIN: Final = re.compile(r"[^\x00-\x7f]")

# The platform's own names, names that programs look up by themselves (RFC 2142, autodiscovery), and names people trust.
_RESERVED_WORDS: Final = """
    www api app apps admin administrator root system operator operators console manage manager dashboard panel
    mail email smtp imap pop pop3 mx webmail mailer newsletter postmaster hostmaster webmaster abuse noreply no-reply
    ftp sftp ssh vpn git ns1 ns2 ns3 dns ntp proxy gateway localhost localdomain local internal intranet private public
    static assets media files images uploads cdn download downloads css fonts
    auth login logout signin signup sign-in sign-up start join register account accounts sso oauth openid saml
    password reset verify secure security ssl tls cert certs
    billing pay payment payments payout payouts checkout invoice invoices refund refunds bank stripe wallet
    help support status docs doc blog news press about contact legal terms privacy careers jobs
    dev test tests testing stage staging demo sandbox preview beta canary prod production example
    live socket sockets events stream webhook webhooks hook hooks graphql rest rpc health healthz metrics monitor
    tenant tenants provisioning theme themes template templates pool schema database redis postgres queue worker
    autoconfig autodiscover wpad isatap
"""
RESERVED: Final = frozenset(_RESERVED_WORDS.split())
# No other name may carry this word: it would speak for the platform ("stoa-billing").
BRAND: Final = "stoa"

PAIRS: Final = (("rn", "m"), ("vv", "w"))
LOOKS_LIKE: Final = ("012345789i", "olzeastbgl")
_FOLD: Final = str.maketrans(*LOOKS_LIKE)
# Letters that no decomposition turns into Latin ones.
_TRANSLITERATED: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "&": " and "}
)


def normalise_slug(raw: str) -> str:
    """`raw` as it will be stored: without surrounding space, in lower case.

    Raises:
        SlugMalformed: not a host label of 3 to 40 Latin letters, digits and single hyphens (RFC 1123), or punycode.
        SlugReserved: a name of the platform's own, or one that looks like it.
    """
    slug = raw.strip().lower()
    _refuse_malformed(slug)
    if is_reserved(slug):
        raise SlugReserved(_("This name is kept for the platform. Please choose another one."))
    return slug


def _refuse_malformed(slug: str) -> None:
    if _NOT_LATIN.search(slug):
        raise SlugMalformed(_("Use the letters a to z, digits and hyphens only; letters of other alphabets can be mistaken."))
    if not MIN_LENGTH <= len(slug) <= MAX_LENGTH:
        raise SlugMalformed(
            _("Use between %(min)s and %(max)s characters; this has %(count)s.")
            % {"min": MIN_LENGTH, "max": MAX_LENGTH, "count": len(slug)}
        )
    if slug.startswith("xn--"):
        raise SlugMalformed(_("Names that begin with “xn--” are encoded names of other alphabets; choose a plain one."))
    if not _FORMAT.fullmatch(slug):
        raise SlugMalformed(_("Use letters, digits and single hyphens, with a letter or digit at both ends."))
    if slug.replace("-", "").isdigit():
        raise SlugMalformed(_("Use at least one letter."))


def is_reserved(slug: str) -> bool:
    """Whether `slug` is, or can be read as, a name of the platform's own."""
    brand = skeleton(BRAND)
    return skeleton(slug) in _RESERVED_SKELETONS or any(skeleton(word) == brand for word in slug.split("-"))


def skeleton(slug: str) -> str:
    """What the eye keeps of a name: equal skeletons can be mistaken for each other (after UTS 39, on host letters).

    `querysets.skeleton_of` is the same in SQL; a test compares the two.
    """
    folded = slug.lower().replace("-", "")
    for pair, letter in PAIRS:
        folded = folded.replace(pair, letter)
    return folded.translate(_FOLD)


def slug_from(name: str) -> str:
    """A host label made of an organization's name; empty when the name has no Latin letter or digit."""
    latin = unicodedata.normalize("NFKD", name.lower().translate(_TRANSLITERATED)).encode("ascii", "ignore").decode()
    words = re.sub(r"['’`]", "", latin)
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:MAX_LENGTH].strip("-")


def variants(slug: str, *, hints: Collection[str] = ()) -> Iterator[str]:
    """Well-formed names near `slug`, best first: itself, with a hint (a city, a kind), with a common ending, numbered.

    A name too long for an ending is cut, and the platform's own name is left out, however it is spelled.
    """
    base = _without_brand(slug) or "market"
    endings = [*(slug_from(hint) for hint in hints), "market", "bookings", "studio", "team", "online"]
    tails = [*(ending for ending in endings if ending), *map(str, range(2, 10))]
    candidates = [base, *(f"{base[: MAX_LENGTH - len(tail) - 1].rstrip('-')}-{tail}" for tail in tails)]
    for candidate in dict.fromkeys(candidates):
        try:
            yield normalise_slug(candidate)
        except (SlugMalformed, SlugReserved):
            continue


def spelled_as_reserved(slug: str) -> str:
    """The reserved word that `slug` can be read as, in its own spelling; empty when it is like none."""
    return _RESERVED_SKELETONS.get(skeleton(slug), "")


def _without_brand(slug: str) -> str:
    brand = skeleton(BRAND)
    return "-".join(word for word in slug.split("-") if skeleton(word) != brand)


_RESERVED_SKELETONS: Final = {skeleton(word): word for word in sorted(RESERVED)}
