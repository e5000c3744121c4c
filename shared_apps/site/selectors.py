"""What the front page reads: the sample marketplaces and the plans on offer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from shared_apps.plans.selectors import HOUSE_CURRENCY, offers, paid_in, readable_entitlements, saved_by_year
from shared_apps.plans.services import DEFAULT_PLAN
from shared_apps.plans.types import Interval, Offer
from shared_apps.site.rules import currencies_of, plan_lines
from shared_apps.site.types import PlanCard, PriceList, Stall
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.types import TenantStatus
from themes.engine.scoped import scoped_css
from themes.publishing import theme_of

_SHOWN: Final = 3
_FACES: Final = 5


def stalls() -> list[Stall]:
    """The live sample marketplaces, oldest first, at most three (two queries, whatever their number).

    A sample is an organization whose registry row has `content["sample"]`; its schema is not touched.
    """
    samples = Tenant.objects.filter(status=TenantStatus.ACTIVE, content__has_key="sample", sandbox_of=None)
    rows = samples.order_by("created_at", "id").prefetch_related("domains")[:_SHOWN]
    return [_stall(tenant.as_context()) for tenant in rows]


def price_list(*, currency: str = "", interval: str = "", languages: str = "", today: date) -> PriceList:
    """The plans on offer, smallest first, with their entitlements in words (four queries).

    In `currency`, else in that of the country that `languages` (an Accept-Language header) names, else in the house's.
    """
    offered = offers()
    known = sorted({name for offer in offered for name in offer.contents.currencies})
    wished = (*wished_currencies(currency=currency, languages=languages, today=today), HOUSE_CURRENCY, *known)
    wanted = next((name for name in wished if name in known), "")
    has_years = any(name == wanted and span is Interval.YEAR for offer in offered for name, span in offer.contents.prices)
    span = Interval.YEAR if interval == Interval.YEAR and has_years else Interval.MONTH
    cards = [_card(offer, paid_in(offer.contents, wanted), span) for offer in offered]
    return PriceList(cards, wanted, span, known, has_years)


def wished_currencies(*, currency: str, languages: str, today: date) -> list[str]:
    """In what a visitor would like to read prices, best first: what they chose, then what their countries pay with."""
    return [currency, *currencies_of(languages, on=today)]


def _card(offer: Offer, currency: str, interval: Interval) -> PlanCard:
    price = offer.contents.price(currency, interval) if currency else None
    other = Interval.MONTH if interval is Interval.YEAR else Interval.YEAR
    return PlanCard(
        offer.plan,
        plan_lines(readable_entitlements(offer.contents.entitlements)),
        is_recommended=offer.plan.code == DEFAULT_PLAN,
        trial_days=offer.contents.trial_days,
        price=price or (offer.contents.price(currency, other) if currency else None),
        interval=interval if price else other,
        saved=saved_by_year(offer.contents, currency) if currency else None,
    )


def stalls_digest(shown: Sequence[Stall]) -> str:
    """Names the stylesheet of these stalls: the same looks have the same name, a changed one another."""
    names = "".join(f"{stall.css_class}:{theme_of(stall.tenant).hash};" for stall in shown)
    return hashlib.sha256(names.encode()).hexdigest()[:12]


def stalls_css(shown: Sequence[Stall]) -> str:
    """Each stall's theme, on its own element only."""
    return "".join(scoped_css(theme_of(stall.tenant), f".{stall.css_class}") for stall in shown)


def _stall(tenant: TenantContext) -> Stall:
    theme = theme_of(tenant)
    return Stall(
        tenant=tenant,
        css_class=f"stall-{tenant.slug}",
        motif=theme.tokens.motif,
        is_dark=theme.tokens.scheme == "dark",
        people=tuple({"seed": f"{tenant.slug}-{number}"} for number in range(_FACES)),
        address=urlsplit(tenant.base_url).netloc,
    )
