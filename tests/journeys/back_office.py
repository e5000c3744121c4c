"""The pages below /manage/, as owner and provider use them."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.visitors import Visitor


class BackOffice:
    """A marketplace's own side, for somebody who is signed in."""

    def __init__(self, visitor: Visitor, market: str) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self.market = market

    def invite_provider(self, *, name: str, email: str) -> None:
        """Ask somebody to join."""
        self.visitor.open(f"{self.market}/manage/providers/")
        self.visitor.fill(name=name, email=email)
        self.visitor.press("Send the invitation")
        self.visitor.sees(email)

    def wait_for_own_page(self) -> None:
        """A worker makes the page of somebody who joined; the menu shows it from then on."""
        profile = self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Profile", exact=True)
        for _ in range(60):
            if profile.count():
                break
            self.page.wait_for_timeout(500)
            self.page.reload()
        expect(profile).to_be_visible()

    def set_up_profile(self, *, headline: str, bio: str, time_zone: str, logo: Path, header: Path) -> None:
        """Fill in the profile, give it pictures, and publish it."""
        self._open_own("Profile")
        self.visitor.fill(headline=headline, bio=bio)
        self.page.locator("main [name=time_zone]").select_option(time_zone)
        self.page.locator("main [name=logo]").set_input_files(logo)
        self.page.locator("main [name=header_image]").set_input_files(header)
        self.visitor.press("Publish")
        expect(self.page.get_by_role("button", name="Pause")).to_be_visible()
        expect(self.page.locator("main [name=headline]")).to_have_value(headline)

    def offer(self, *, title: str, price: str, minutes: str, on_request: bool) -> None:
        """Describe a service and put it on sale."""
        self._open_own("Services")
        self.visitor.follow("New service")
        self.visitor.fill(title=title, summary=f"{title} in short", description=f"All about {title}.")
        self.visitor.fill(price=price, duration_minutes=minutes)
        self.page.locator(f"main [name=approval][value={'request' if on_request else 'instant'}]").check(force=True)
        self.visitor.press("Save")
        self.visitor.arrives_at(r"/services/")
        self._open_own("Services")
        row = self.page.locator("main li").filter(has_text=title)
        row.get_by_role("button", name="Publish").click()
        expect(self.page.locator("main li").filter(has_text=title).get_by_role("button", name="Hide")).to_be_visible()

    def work_every_day(self, *, start: str, end: str) -> None:
        """The same hours on seven days."""
        self._open_own("Hours")
        for day in range(7):
            row = self.page.locator(f"main [data-day='{day}']")
            if not row.locator("input").first.is_visible():
                row.get_by_label("Add a window").click()
            row.locator(f"[name=hours-{day}-start]").first.fill(start)
            row.locator(f"[name=hours-{day}-end]").first.fill(end)
        self.visitor.press("Save the week")
        expect(self.page.locator("main [name=hours-6-end]").first).to_have_value(end)

    def close_on(self, day: str) -> None:
        """A whole day off."""
        self._open_own("Hours")
        self.visitor.fill(on_date=day)
        self.visitor.press("Add the date")
        expect(self.page.get_by_role("region", name="Dates that differ").get_by_role("listitem")).to_have_count(1)

    def share_link(self) -> str:
        """The address of the own page, as it is to be passed on."""
        self._open_own("Share")
        return self.page.get_by_role("textbox", name="Link to the page").input_value()

    def open_request(self, customer: str) -> None:
        """Open the request of this customer from the list of those that wait."""
        self.visitor.open(f"{self.market}/manage/bookings/?tab=to-confirm")
        self.page.locator("main").get_by_role("link", name=customer).locator("visible=true").first.click()
        self.visitor.arrives_at(r"/manage/bookings/[^/]+/$")

    def _open_own(self, name: str) -> None:
        if "/manage/" not in self.page.url:
            self.visitor.open(f"{self.market}/manage/")
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
        self.visitor.arrives_at(rf"/{name.lower()}/$")
