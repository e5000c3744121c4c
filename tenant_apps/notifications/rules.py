"""What a mail's headers may hold, and how the marketplace signs its mails."""

from __future__ import annotations

import unicodedata
from email.utils import formataddr, parseaddr

from kernel.emails import find_email
from tenant_apps.notifications.errors import UnsendableMail


def require_header(name: str, value: str) -> str:
    """`value`, fit for one line of a mail's head.

    Raises UnsendableMail for a line break or another control character: what follows it would be a header of its own.
    """
    if not value.strip() or any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in value):
        raise UnsendableMail(f"not a header {name}: {value[:80]!r}")
    return value


def require_address(value: str) -> str:
    """`value` in its one form, if it is one bare e-mail address. Raises UnsendableMail."""
    email = find_email(value)
    if email is None:
        raise UnsendableMail(f"not an address: {value[:80]!r}")
    return require_header("To", email)


def sender_of(*, name: str, platform_sender: str) -> str:
    """The From line: the marketplace's name over the platform's address, from which our mail servers may send."""
    flat = " ".join("".join(" " if unicodedata.category(letter).startswith("C") else letter for letter in name).split())
    return formataddr((flat, parseaddr(platform_sender)[1]))


def message_id(*, key_hash: str, sender: str) -> str:
    """The same for every try of a mail, so that a mailbox that got it twice shows it once (RFC 5322 §3.6.4)."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<{key_hash}@{domain}>"
