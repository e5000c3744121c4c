"""What a customer typed, tidied; and the one sentence that says what is wrong with it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import NumberParseException

from kernel.emails import LONGEST, find_email
from kernel.zones import is_zone
from tenant_apps.bookings.errors import InvalidCustomer
from tenant_apps.bookings.types import CustomerDetails

MAX_NAME_LENGTH = 80
MAX_NOTE_LENGTH = 2000
MAX_EMAIL_LENGTH = LONGEST
_COUNTRY_LENGTH = 2


def clean_customer(details: CustomerDetails, *, region: str | None, languages: frozenset[str]) -> CustomerDetails:
    """`details` as they are stored: names in one line, address and phone number in their one form (`kernel.emails`, E.164), a
    known zone and language or nothing.

    `region` is the country (ISO 3166) whose national phone numbers are understood. Raises InvalidCustomer for the first
    field that is wrong.
    """
    return replace(
        details,
        first_name=_clean_name(details.first_name, field="first_name", missing=_("Give your first name.")),
        last_name=_clean_name(details.last_name, field="last_name", missing=_("Give your last name.")),
        email=_clean_email(details.email),
        phone=clean_phone(details.phone, region=region),
        note=_clean_note(details.note),
        # Nobody types these two: a browser we do not understand must not keep its owner from booking.
        time_zone=details.time_zone if is_zone(details.time_zone) else "",
        language=details.language if details.language in languages else "",
    )


def clean_phone(typed: str, *, region: str | None, field: str = "phone") -> str:
    """The number in E.164, or nothing for nothing. Raises InvalidCustomer for what is no number that can be called."""
    text = typed.strip()
    if not text:
        return ""
    try:
        number = PhoneNumber.from_string(text, region=region)
    except NumberParseException:
        number = None
    if number is None or not number.is_valid():
        message = _("This is not a phone number. Write it with the country code, like +44 131 496 0123.")
        raise InvalidCustomer(message, field=field)
    return str(number.as_e164)


def region_of(locale: str) -> str | None:
    """The country in a locale such as `en-GB`, whose way of writing phone numbers is understood; None for a bare `en`."""
    region = locale.replace("_", "-").rpartition("-")[2]
    return region if len(region) == _COUNTRY_LENGTH and region.isupper() else None


def _clean_name(typed: str, *, field: str, missing: str) -> str:
    # A line break in a name would end up in a mail's header.
    name = " ".join("".join(" " if _is_control(letter) else letter for letter in typed).split())
    if not name:
        raise InvalidCustomer(missing, field=field)
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidCustomer(_("This is too long: %(limit)s characters at most.") % {"limit": MAX_NAME_LENGTH}, field=field)
    return name


def _clean_email(typed: str) -> str:
    email = find_email(typed)
    if email is None:
        raise InvalidCustomer(_("This is not an e-mail address."), field="email")
    return email


def _clean_note(typed: str) -> str:
    note = "".join(letter for letter in typed.replace("\r\n", "\n").strip() if letter in "\n\t" or not _is_control(letter))
    if len(note) > MAX_NOTE_LENGTH:
        message = _("This note is too long: %(limit)s characters at most.") % {"limit": MAX_NOTE_LENGTH}
        raise InvalidCustomer(message, field="note")
    return note


def _is_control(letter: str) -> bool:
    """Whether it is a control character; format characters stay, since some scripts join their letters with them."""
    return unicodedata.category(letter) in {"Cc", "Zl", "Zp", "Cs"}
