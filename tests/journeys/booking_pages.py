"""The pages by which a customer books, and the page on which a booking is managed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from playwright.sync_api import Locator, expect

from tests.journeys.visitors import PATIENCE_MS, Visitor


@dataclass(frozen=True)
class Slot:
    """A time on offer: what is sent, and what the visitor reads."""

    value: str
    label: str

    @property
    def starts_at(self) -> datetime:
        return datetime.fromisoformat(self.value).astimezone(UTC)


class Picker:
    """The slot picker, wherever it stands."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page = visitor.page

    def shows_times_of(self, zone: str) -> None:
        """Fails unless the times are those of `zone`, within a moment: the browser's own zone is set by script."""
        expect(self.page.locator("#picker #tz")).to_have_value(zone, timeout=PATIENCE_MS)
        self._is_drawn()

    def slots(self) -> list[Slot]:
        """The times of the day that is open, in their order."""
        return [
            Slot(each.locator("input").get_attribute("value") or "", each.locator("[data-time]").inner_text())
            for each in self._labels().all()
        ]

    def open_day(self, number: int) -> None:
        """Open the `number`-th day with free times from now on, in whichever month that is."""
        self._is_drawn()
        while number >= (here := self._free_days().count()):
            number -= here
            self.turn_to_next_month()
        self.open_date(date.fromisoformat(self._free_days().nth(number).get_attribute("value") or ""))

    def open_date(self, day: date) -> None:
        """Open a day, now or later.

        One that is open, as the first of a month is, stays as it is: nobody could see when it has been drawn a second time,
        and a time that is chosen before that is lost.
        """
        self._is_drawn()
        button = self.find_date(day)
        times = self.page.locator(f"#picker .slots[data-day='{day}']")
        if not times.count():
            button.click()
        expect(times).to_be_visible()

    def find_date(self, day: date) -> Locator:
        """The day in the calendar, which is leafed through until it is in view."""
        button = self.page.locator(f"#picker button[name=day][value='{day}']")
        while not button.count():
            self.turn_to_next_month()
        return button

    def turn_to_next_month(self) -> None:
        """Leaf through the calendar by one month."""
        month = self.page.locator("#picker [data-month]")
        before = month.inner_text()
        self.page.get_by_role("button", name="Next month").click()
        expect(month).not_to_have_text(before)

    def choose(self, slot: Slot) -> None:
        """Mark the time."""
        self._labels().filter(has=self.page.locator(f"input[value='{slot.value}']")).click()

    def _is_drawn(self) -> None:
        """Wait until all of it is there, drawn by the server for the zone that the browser's script has set."""
        zone = self.page.locator("#picker #tz").input_value()
        expect(self.page.locator("#picker input[type=hidden][name=tz]").last).to_have_value(zone, timeout=PATIENCE_MS)

    def _free_days(self) -> Locator:
        return self.page.locator("#picker button[name=day]:not([aria-disabled=true])")

    def _labels(self) -> Locator:
        return self.page.locator("#picker label.slot")


class Booking:
    """From the service's page to the booking's own."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.picker = Picker(visitor)

    def find(self, market: str, service: str) -> Booking:
        """Come in by the storefront and open the service's page."""
        self.visitor.open(f"{market}/")
        self.visitor.page.get_by_role("navigation").get_by_role("link", name="Services", exact=True).first.click()
        self.visitor.arrives_at(r"/services/$")
        self.visitor.fill(q=service)
        self.visitor.page.locator("main [name=q]").press("Enter")
        self.visitor.arrives_at(r"/services/\?")
        self.visitor.follow(re.compile(f"^{re.escape(service)}$"))
        self.visitor.arrives_at(r"/services/[^/?]+/$")
        return self

    def hold(self, slot: Slot) -> Booking:
        """Choose a time and go on to the details."""
        self.picker.choose(slot)
        self.visitor.press("Choose this time")
        self.visitor.arrives_at(r"/book/\?")
        return self

    def give(self, *, first_name: str, last_name: str, email: str, phone: str = "") -> str:
        """Give the details and book; the address of the booking's own page."""
        self.visitor.fill(first_name=first_name, last_name=last_name, email=email, phone=phone)
        self.visitor.page.locator("main form button.btn-lg").click()
        self.visitor.arrives_at(r"/b/[^/]+/$")
        return self.visitor.page.url
