"""Where in the tree of names a host stands: below which name, and what part of it somebody registered. Pure."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import Final

from publicsuffixlist import PublicSuffixList

# Lower case, and no final dot: a name has one form, or two rows could mean the same host.
CANONICAL: Final = r"^[a-z0-9_-]+(\.[a-z0-9_-]+)*$"


def is_at_or_below(host: str, parent: str) -> bool:
    """Whether `host` is `parent` or lies below it."""
    return host == parent or host.endswith(f".{parent}")


def registrable(host: str) -> str | None:
    """The part of `host` that somebody registered; None when it is a public suffix itself, or below no known one."""
    if is_address(host):
        return None
    found = _suffixes().privatesuffix(host)
    return None if found is None else str(found)


def is_address(text: str) -> bool:
    """Whether `text` is an IP address as written in full."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> PublicSuffixList:
    """Mozilla's list as the package bundles it; a name below no known suffix has none (no network is asked)."""
    return PublicSuffixList(accept_unknown=False)
