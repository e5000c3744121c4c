"""The one form of a host name: as it travels in DNS, in certificates and behind the @ of an address."""

from __future__ import annotations

import idna


def a_labels(text: str) -> str | None:
    """`text` as A-labels (IDNA 2008, mapped after UTS 46), without a final dot; None for what is no host name.

    Encoding the result again changes nothing.
    """
    try:
        host = _encoded(text).removesuffix(".")
        idna.decode(host)
        return host if _encoded(host) == host else None
    except UnicodeError:
        return None


def _encoded(text: str) -> str:
    return str(idna.encode(text, uts46=True, std3_rules=True, transitional=False).decode("ascii"))
