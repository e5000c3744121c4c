"""When every page of the team says that something has to be paid, and in which words; pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenant_apps.backoffice.rules.clock import days_left
from tenants.types import PaymentNotice
from webui.formats import current_locale, moment_text

_LAST_DAYS: Final = 5
"""Of a trial: before them nobody is reminded."""


def is_worth_saying(notice: PaymentNotice, until: datetime | None, now: datetime) -> bool:
    """What is owed always; that a trial ends only when it soon does."""
    return notice is not PaymentNotice.NONE and (notice is not PaymentNotice.TRIAL or days_left(until, now) <= _LAST_DAYS)


def payment_words(notice: PaymentNotice, until: datetime | None, zone: str, now: datetime) -> str:
    """One sentence, with the day on the organization's clock."""
    day = "" if until is None else moment_text(until, zone, "date", current_locale())
    match notice:
        case PaymentNotice.TRIAL:
            days = days_left(until, now)
            words = ngettext(
                "The trial ends in %(days)d day, on %(day)s.", "The trial ends in %(days)d days, on %(day)s.", days
            )
            return words % {"days": days, "day": day}
        case PaymentNotice.PAST_DUE:
            return _("The last payment failed.")
        case PaymentNotice.GRACE:
            return _("The marketplace is not paid for. It closes on %(day)s.") % {"day": day}
        case _:
            return _("The marketplace is closed until it is paid for.")
