"""From what somebody wrote to an instant: with an offset, or on the wall clock of a zone that is named beside it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from tenant_apps.availability.errors import InvalidTime
from tenant_apps.availability.rules.wall_clock import parse_local, require_year


def read_instant(text: str, *, zone: str, field: str) -> datetime:
    """The instant in UTC that `text` names, in ISO 8601; `zone` may be empty where the text must carry its offset.

    Raises:
        InvalidTime: no such date or time, or neither offset nor zone; blames `field`.
        SkippedTime, AmbiguousTime: the clocks of the zone jump over it, or show it twice.
    """
    # In an address a plus sign means a blank, and clients forget to write it as %2B.
    moment = _read(text.strip().replace(" ", "+"), field)
    if moment.utcoffset() is not None:
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
    # At the very ends of the calendar not even UTC has the instant: converting it would overflow.
    require_year(moment.date(), field)
    return moment
