"""The pages by which an organization gets its marketplace."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.visitors import Visitor


class SignUp:
    """The form at /start/, and the page on which the marketplace is built."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page = visitor.page

    def begin(self) -> SignUp:
        """Come in by the front page, as everybody does."""
        self.visitor.open(f"{self.visitor.world.platform}/")
        self.page.get_by_role("link", name="Start", exact=False).first.click()
        self.visitor.arrives_at(r"/start/")
        return self

    def answer(self, *, name: str, email: str, kind: str = "tutoring", brand: str = "#0b6bcb") -> SignUp:
        """Fill in everything but the address, which follows the name."""
        self.visitor.fill(name=name, email=email)
        self.page.locator(f"[name=kind][value={kind}]").check(force=True)
        self.visitor.fill(brand=brand)
        return self

    def choose_address(self, slug: str) -> SignUp:
        """Type an address over the one that followed the name."""
        self.visitor.fill(slug=slug)
        return self

    def is_told(self, answer: str) -> SignUp:
        """Wait for what is said about the address while it is typed."""
        expect(self.page.locator("#name-answer")).to_contain_text(answer)
        return self

    def send(self) -> None:
        """Send the form, and be carried into the marketplace as soon as it stands."""
        self.visitor.press("Create it")


def open_marketplace(visitor: Visitor, *, name: str, slug: str, email: str, kind: str = "tutoring") -> str:
    """Sign up and walk in; the address of the new marketplace. The visitor stands in it, signed in as its owner."""
    SignUp(visitor).begin().answer(name=name, email=email, kind=kind).choose_address(slug).is_told("is free").send()
    visitor.arrives_at(rf"^http://{slug}\.localhost:\d+/manage/")
    return visitor.world.market(slug)
