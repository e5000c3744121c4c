"""Which names can be brought along: canonical form, reserved names, public suffixes, look-alikes. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import idna
from django.utils.translation import gettext as _

from kernel.hostnames import a_labels
from shared_apps.domains.errors import HostIsPublicSuffix, HostLooksAlike, HostMalformed, HostReserved
from tenants.rules_hosts import is_address, is_at_or_below, registrable
from tenants.rules_names import skeleton

LONGEST: Final = 253
# Room for the challenge in front of it.
_LONGEST_HERE: Final = LONGEST - len("_stoa-challenge.")
# Nobody needs more, and each is one more name whose CAA records are asked for.
_MOST_LABELS: Final = 10
# RFC 6761, 6762, 7686, 8375, 9476, and ICANN's `internal`: names that lead nowhere, or only inside a house.
_SPECIAL_USE: Final = frozenset(
    {
        "local", "localhost", "internal", "intranet", "lan", "home", "corp", "test", "example", "invalid", "onion", "alt",
        "arpa", "example.com", "example.net", "example.org",
    }
)  # fmt: skip
_NUMBER: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_NOT_A_HOST: Final = re.compile(r"[/:@*?#\s\\%\[\]]")
# Small letters that the eye takes for Latin ones (after UTS 39's table; what a decomposition finds is left out).
_CONFUSABLE: Final = str.maketrans(
    "абвгеёзіїјкмнорсԁѕтухһԛԝӏьґ" + "αβγεηικνορτυχω" + "օոսցհ" + "ıłøđħʟɡɑ",
    "a6breeziijkmhopcdstyxhqwlbr" + "abyenikvoptuxw" + "onugh" + "ilodhlga",
)
# Letters that are drawn as Latin ones are, and the suffixes below which whole names of their alphabet are expected.
_TWINS: Final = (
    (frozenset("асԁеһіјӏорԛѕԝху"), frozenset({"bg", "by", "kg", "kz", "mk", "mn", "rs", "ru", "su", "tj", "ua", "uz"})),
    (frozenset("αικνορυω"), frozenset({"cy", "gr"})),
    (frozenset("օոսցհ"), frozenset({"am"})),
)
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "HEBREW", "ARABIC", "COPTIC")


def canonical_host(raw: str) -> str:
    """`raw` as the name that travels in DNS and certificates: A-labels (IDNA 2008, mapped after UTS 46), without a final dot.

    Raises:
        HostMalformed: it is no host name.
    """
    text = raw.strip()
    if _NOT_A_HOST.search(text):
        raise HostMalformed(_("Give the name alone, like book.example.com: no https://, no path, no port, no asterisk."))
    host = a_labels(text)
    if host is None:
        raise HostMalformed(_("This is not a domain name. Write it like book.example.com."))
    # After the mapping: it turns other scripts' dots and digits into ours, so that 127。1 is an address too.
    if _is_address(host):
        raise HostMalformed(_("This is an IP address. Give a name, like book.example.com."))
    if len(host) > _LONGEST_HERE or host.count(".") >= _MOST_LABELS:
        raise HostMalformed(_("This name is too long."))
    if "." not in host:
        raise HostMalformed(_("This is not a whole domain name. Write it like book.example.com."))
    return host


def require_bringable(host: str, *, own: Iterable[str]) -> None:
    """Go on only when a canonical `host` can belong to an organization. `own` are the platform's names.

    Raises:
        HostReserved, HostIsPublicSuffix, HostLooksAlike: it cannot, and why.
    """
    names = list(own)
    labels = host.split(".")
    if any(".".join(labels[start:]) in _SPECIAL_USE for start in range(len(labels))):
        raise HostReserved(_("This name is reserved for special use; the internet does not know it."))
    if any(is_at_or_below(host, name) or is_at_or_below(name, host) for name in names):
        raise HostReserved(_("This name belongs to the platform itself."))
    if registrable(host) is None:
        raise HostIsPublicSuffix(_("Everybody registers names below this one, so it cannot be yours alone."))
    if any(has_mixed_scripts(label) for label in unicode_host(host).split(".")):
        raise HostLooksAlike(_("This name mixes letters of several alphabets, which can be mistaken for each other."))
    if is_disguised(host):
        raise HostLooksAlike(_("This name looks as if it were written in Latin letters, and is not."))
    if look_of(host) in {look_of(name) for name in names}:
        raise HostLooksAlike(_("This name is too easy to mistake for the platform's own."))


def is_apex(host: str) -> bool:
    """Whether `host` is what was registered, where a zone has no room for a CNAME."""
    return registrable(host) == host


def unicode_host(host: str) -> str:
    """`host` as people read it."""
    return str(idna.decode(host))


def imitates(host: str, other: str) -> bool:
    """Whether `host` can be mistaken for `other`, by letters that are there to deceive.

    Two plain names that are alike belong to whoever registered each, and one registered name is one owner's.
    """
    mine, theirs = registered_part(host), registered_part(other)
    return mine != theirs and is_encoded(mine) and look_of(mine) == look_of(theirs)


def registered_part(host: str) -> str:
    """What of `host` says whose it is: the registered name, or all of it where the list of suffixes knows none."""
    return registrable(host) or host


def is_encoded(host: str) -> bool:
    """Whether some label stands for letters beyond ASCII."""
    return any(label.startswith("xn--") for label in host.split("."))


def look_of(host: str) -> str:
    """What the eye keeps of the registered part of `host`: equal looks can be mistaken for each other, whatever is below."""
    return ".".join(skeleton(_latin(label)) for label in unicode_host(registered_part(host)).split("."))


def has_mixed_scripts(label: str) -> bool:
    """Whether `label` mixes alphabets that have letters alike."""
    names = {unicodedata.name(letter, "").split(" ")[0] for letter in label if letter.isalpha()}
    return len(names.intersection(_SCRIPTS)) > 1


def is_disguised(host: str) -> bool:
    """Whether a label is wholly of another alphabet's letters that are drawn as Latin ones, where nobody expects that."""
    *labels, suffix = unicode_host(host).split(".")
    letters = [{letter for letter in label if letter.isalpha()} for label in labels]
    return any(
        suffix.isascii() and suffix not in home and any(used and used <= twins for used in letters) for twins, home in _TWINS
    )


def _latin(label: str) -> str:
    folded = label.lower().translate(_CONFUSABLE)
    plain = unicodedata.normalize("NFKD", folded)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_CONFUSABLE)


def _is_address(host: str) -> bool:
    # Browsers and libraries read 127.1, 0x7f.1 and 2130706433 as addresses too.
    return is_address(host) or bool(_NUMBER.fullmatch(host.rpartition(".")[2]))
