"""The one form of an e-mail address: by it addresses are stored, compared and written to, so that none passes for another.

The form is plain ASCII: the domain as A-labels, everything in lower case. That is what keeps databases, caches and mail
servers of one mind. Any other comparison folds letters that mail servers keep apart: in PostgreSQL's UPPER, which `iexact`
is made of, the dotless ı of one registered domain is the i of another.
"""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from kernel.errors import Invalid
from kernel.hostnames import a_labels

LONGEST: Final = 254
"""RFC 5321, as its erratum 1690 counts it."""


class InvalidEmail(Invalid):
    """This is no address that mail can be sent to."""


def canonical_email(raw: str, *, field: str = "email") -> str:
    """`raw` in the one form in which an address is stored and written to.

    Raises:
        InvalidEmail: it is no address; blames `field`.
    """
    email = find_email(raw)
    if email is None:
        raise InvalidEmail(_("Write an e-mail address like you@example.org."), field=field)
    return email


def find_email(raw: str) -> str | None:
    """The same for whoever only looks: None for what is no address, and so nobody's."""
    local, at, domain = raw.strip().rpartition("@")
    host = _domain(domain)
    # Letters beyond ASCII in front of the @ need servers that speak SMTPUTF8 all along the way; ours promise nothing.
    if not at or not local.isascii() or host is None:
        return None
    email = f"{local}@{host}".lower()
    return email if _is_valid(email) else None


def is_same_email(one: str, other: str) -> bool:
    """Whether both are one mailbox; what is no address is the same as nothing."""
    email = find_email(one)
    return email is not None and email == find_email(other)


def email_is(raw: str, *, column: str = "email") -> Q:
    """Rows whose `column` holds this address, in whatever case it was stored; none for what is no address.

    By LOWER, of which there are indexes, and exactly: the right side is in its one form already.
    """
    email = find_email(raw)
    return Q(pk__in=[]) if email is None else Q(Exact(Lower(column), email))


def _domain(text: str) -> str | None:
    # Plain names stay as they are: IDNA refuses some that mail reaches, such as ab--cd.example.
    if text.isascii() and "xn--" not in text.lower():
        return text
    return a_labels(text)


def _is_valid(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= LONGEST
