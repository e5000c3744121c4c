"""HTML of the local pages: everything escaped, nothing inline, no script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit

from integrations.stripe.amounts import from_stripe
from integrations.stripe.fake.refusals import Obj
from kernel.money import format_money

NOT_FOUND, SEE_OTHER = 404, 303


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What a page answers with."""

    body: bytes
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    location: str = ""
    # Where its forms may lead, besides here: the browser holds a redirect after a form to the policy, too.
    leads_to: tuple[str, ...] = field(default=())


def joined(parts: Iterable[str]) -> Markup:
    """Several pieces of HTML after each other."""
    return Markup("".join(text(part) for part in parts))


def text(value: object) -> Markup:
    """A value as HTML."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def tag(element: str, /, *inner: object, **attributes: str | bool) -> Markup:
    """An element; `class_` and `for_` lose their underscore, True is an attribute without a value, False none."""
    written = "".join(
        f" {key.strip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not False
    )
    if element in {"input", "br"}:
        return Markup(f"<{element}{written}>")
    return Markup(f"<{element}{written}>{''.join(text(part) for part in inner)}</{element}>")


def page(title: str, *body: object, status: int = 200, leads_to: Sequence[str] = ()) -> Page:
    """A whole page with the banner that nobody can take for Stripe's."""
    head = joined(
        [
            Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
            tag("title", f"{title} · Local Stripe: test mode"),
            Markup('<link rel="stylesheet" href="/style.css">'),
        ]
    )
    told = tag("p", tag("strong", "Local Stripe: test mode"), " No real money moves here.")
    banner = tag("aside", told, class_="banner", aria_label="Test mode")
    document = tag("html", tag("head", head), tag("body", banner, tag("main", tag("h1", title), *body)), lang="en")
    return Page(f"<!doctype html>{document}".encode(), status=status, leads_to=tuple(leads_to))


def redirect(address: str) -> Page:
    """Onwards, by a GET."""
    return Page(b"", status=SEE_OTHER, location=address, leads_to=(address,))


def origin_of(address: str) -> str:
    """The part of an address that a policy names."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def field_of(name: str, label: str, *, hint: str = "", **attributes: str | bool) -> Markup:
    """A labelled field."""
    told = tag("small", hint, id=f"{name}-hint") if hint else Markup("")
    described: dict[str, str | bool] = {"aria_describedby": f"{name}-hint"} if hint else {}
    return tag("p", tag("label", label, for_=name), tag("input", id=name, name=name, **described, **attributes), told)


def form(action: str, *inner: object, label: str, hidden: Mapping[str, str] | None = None, class_: str = "") -> Markup:
    """A form with its button."""
    kept = joined(tag("input", type="hidden", name=name, value=value) for name, value in (hidden or {}).items())
    return tag(
        "form",
        kept,
        *inner,
        tag("p", tag("button", label, type="submit")),
        method="post",
        action=action,
        class_=class_ or False,
    )


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """A table, or a sentence where it would be empty."""
    written = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows]
    if not written:
        return tag("p", f"{caption}: none yet.", class_="quiet")
    top = tag("tr", *(tag("th", name, scope="col") for name in head))
    inner = tag("table", tag("caption", caption), tag("thead", top), tag("tbody", *written))
    return tag("div", inner, class_="scrolls", tabindex="0", role="region", aria_label=caption)


def alert(message: str) -> Markup:
    """What went wrong."""
    return tag("p", message, class_="alert", role="alert") if message else Markup("")


def money(amount: int, currency: str) -> str:
    """An amount as people write it."""
    return format_money(from_stripe(amount, currency), "en-GB")


def day(seconds: int | None) -> str:
    """A day as people write it."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%-d %B %Y")


def moment(seconds: int) -> str:
    """A moment as people write it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %B %Y, %H:%M UTC")


def price_words(price: Obj) -> str:
    """What a price asks for: £12.50 a month."""
    recurring = price["recurring"] or {"interval": "once", "interval_count": 1}
    every = (
        recurring["interval"] if recurring["interval_count"] == 1 else f"{recurring['interval_count']} {recurring['interval']}s"
    )
    amount = money(price["unit_amount"], price["currency"]) if price["unit_amount"] is not None else "by usage"
    return f"{amount} every {every}"
