"""From what a client writes to an instant: with an offset, or on the wall clock of a zone that is named beside it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from tenant_apps.availability.errors import InvalidTime
from tenant_apps.availability.selectors import parse_local

_FIRST_YEAR = 1970
_LAST_YEAR = 2200


def read_instant(text: str, *, zone: str, field: str) -> datetime:
    """The instant in UTC.

    Raises:
        InvalidTime: no such date or time, or neither offset nor zone; blames `field`.
        SkippedTime, AmbiguousTime: the clocks of the zone jump over it, or show it twice.
    """
    # In an address a plus sign means a blank, and clients forget to write it as %2B.
    moment = _read(text.strip().replace(" ", "+"), field)
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    if not zone:
        raise InvalidTime(_("Give the time with its offset, or name the time zone."), field=field)
    return parse_local(moment.date(), moment.time(), zone, field=field)


def _read(text: str, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = _("There is no such date and time. Write it like 2026-11-20T10:00:00+01:00.")
        raise InvalidTime(message, field=field) from error
    # Outside of these no zone has rules, and at the very ends not even UTC has the instant.
    if not _FIRST_YEAR < moment.year < _LAST_YEAR:
        raise InvalidTime(_("The year %(year)s is out of range.") % {"year": moment.year}, field=field)
    return moment
