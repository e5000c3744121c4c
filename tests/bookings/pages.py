"""What the tests of pages share: what a customer types, and what a page of ours holds."""

from __future__ import annotations

import re

from tenant_apps.bookings.models import Booking
from tenants.scope import tenant_scope

DETAILS = {
    "first_name": "Fiona",
    "last_name": "Murray",
    "email": "fiona@customer.example",
    "phone": "0131 496 0123",
    "note": "Ring twice.",
}
TEN = "2026-11-17T10:00:00Z"
NO_TIMES = (
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "9999",
    "2026-02-30T10:00:00Z",
    "2026-11-17T25:00:00Z",
)
"""What no calendar has, or only at its very ends, where arithmetic overflows."""
HTMX = {"HX-Request": "true"}


def radios(text: str) -> list[str]:
    return re.findall(r'<input type="radio" name="slot" value="([^"]+)"', text)


def buttons(text: str) -> list[str]:
    return re.findall(r'<button[^>]* name="slot" value="([^"]+)"', text)


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of the page's form of details."""
    form = text[text.index('name="attempt"') - 300 :]
    pairs = re.findall(r'<input type="hidden" name="(slot|tz|attempt)" value="([^"]*)"', form)
    return dict(pairs)


def bookings(tenant) -> list[Booking]:
    with tenant_scope(tenant):
        return list(Booking.objects.order_by("pk"))
