"""The next free times of many services at once, in the words of a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from django.utils.translation import gettext as _

from kernel.clock import now as clock_now
from tenant_apps.availability.selectors import get_first_slots
from tenant_apps.availability.types import Slot
from tenant_apps.catalog.types import ServiceCard
from tenant_apps.storefront.types import SlotLink
from tenants.context import TenantContext
from webui.formats import current_locale, day_text, moment_text

_DAYS_AHEAD: Final = 14
_WEEK: Final = 7


def next_slots(
    services: Sequence[ServiceCard], *, tenant: TenantContext, zone: str, count: int = 1, now: datetime | None = None
) -> dict[int, tuple[SlotLink, ...]]:
    """The first free times of each service by its primary key, as said on the clock of `zone`, the viewer's.

    As many queries for one service as for many; none for none.
    """
    if not services:
        return {}
    now = now or clock_now()
    found = get_first_slots(services=services, count=count, within_days=_DAYS_AHEAD, now=now)
    by_pk = {service.pk: service for service in services}
    saying = _Saying(zone, current_locale(tenant.locale), now)
    return {pk: tuple(saying.link(by_pk[pk], slot) for slot in slots) for pk, slots in found.items()}


def free_between(services: Sequence[ServiceCard], *, first_on: date, last_on: date, zone: str, now: datetime) -> set[int]:
    """The primary keys of services with a free time on these local dates."""
    if not services:
        return set()
    days = (last_on - now.astimezone(ZoneInfo(zone)).date()).days + 1
    found = get_first_slots(services=services, count=_MANY, within_days=max(1, days), now=now)
    return {pk for pk, slots in found.items() if any(first_on <= _day(slot, zone) <= last_on for slot in slots)}


_MANY: Final = 1000


class _Saying:
    """How a time is said in a list: today, tomorrow, a weekday within the week, else the date."""

    def __init__(self, zone: str, locale: Locale, now: datetime) -> None:
        self._zone = zone
        self._locale = locale
        self._today = now.astimezone(ZoneInfo(zone)).date()

    def link(self, service: ServiceCard, slot: Slot) -> SlotLink:
        moment = slot.starts_at
        time = moment_text(moment, self._zone, "time", self._locale)
        text = _("%(day)s %(time)s") % {"day": self._day(_day(slot, self._zone)), "time": time}
        return SlotLink(text, f"{service.path}?slot={moment:%Y-%m-%dT%H:%M:%SZ}#book", moment)

    def _day(self, day: date) -> str:
        if day == self._today:
            return _("Today")
        if day == self._today + timedelta(days=1):
            return _("Tomorrow")
        return day_text(day, self._locale, "E" if (day - self._today).days < _WEEK else "MMMd")


def _day(slot: Slot, zone: str) -> date:
    return slot.starts_at.astimezone(ZoneInfo(zone)).date()
