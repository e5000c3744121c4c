"""Cards with what a list adds to them: the lowest price and the next free time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final
from zoneinfo import ZoneInfo

from kernel.clock import now as clock_now
from kernel.money import Money
from tenant_apps.catalog.selectors import first_services, listed_services, lowest_prices
from tenant_apps.catalog.types import Facets, ServiceCard
from tenant_apps.providers.types import ProviderCard
from tenant_apps.storefront.selectors.slots import free_between, next_slots
from tenant_apps.storefront.types import WHEN_TODAY, WHEN_WEEK, ProviderTile, ServiceTile, SlotLink
from tenants.context import TenantContext
from webui.formats import current_locale, money_text

MOST_WITH_TIME: Final = 60
_SERVICES_ASKED: Final = 3
_MOST_SEARCHED: Final = 200


def provider_tiles(
    cards: Sequence[ProviderCard], *, tenant: TenantContext, zone: str, slots_each: int = 1
) -> list[ProviderTile]:
    """Cards of providers with their lowest price and the next free times of what they put first.

    Four queries, however many cards; none for none.
    """
    if not cards:
        return []
    pks = [card.pk for card in cards]
    prices = lowest_prices(pks)
    firsts = first_services(pks, each=_SERVICES_ASKED)
    slots = next_slots(list(chain.from_iterable(firsts.values())), tenant=tenant, zone=zone, count=slots_each)
    return [
        ProviderTile(
            card,
            price_from=price_text(prices.get(card.pk), tenant),
            next_slots=_soonest([slots[service.pk] for service in firsts[card.pk]], slots_each),
        )
        for card in cards
    ]


def service_tiles(cards: Sequence[ServiceCard], *, tenant: TenantContext, zone: str) -> list[ServiceTile]:
    """Cards of services with their next free time. Two queries, however many cards; none for none."""
    slots = next_slots(cards, tenant=tenant, zone=zone)
    return [ServiceTile(card, price_text(card.price, tenant), slots.get(card.pk, ())) for card in cards]


def services_free(facets: Facets, *, when: str, zone: str, now: datetime | None = None) -> list[ServiceCard]:
    """Services with a free time today, or within a week, by the calendar of `zone`.

    The first sixty of the first two hundred that fit the facets.
    """
    now = now or clock_now()
    today = now.astimezone(ZoneInfo(zone)).date()
    last = today if when == WHEN_TODAY else today + timedelta(days=6)
    cards = list(listed_services(facets, limit=_MOST_SEARCHED).rows)
    free = free_between(cards, first_on=today, last_on=last, zone=zone, now=now)
    return [card for card in cards if card.pk in free][:MOST_WITH_TIME]


def _soonest(links: Sequence[Sequence[SlotLink]], count: int) -> tuple[SlotLink, ...]:
    """The first few times of several services; a time that two of them have is named once."""
    by_time: dict[datetime, SlotLink] = {}
    for link in chain.from_iterable(links):
        by_time.setdefault(link.starts_at, link)
    return tuple(by_time[moment] for moment in sorted(by_time)[:count])


def is_when(text: str) -> bool:
    """Whether a search names a time that we know."""
    return text in (WHEN_TODAY, WHEN_WEEK)


def price_text(price: Money | None, tenant: TenantContext) -> str:
    """A price as people here write it, without empty decimals; empty where there is none."""
    if price is None:
        return ""
    return money_text(price, current_locale(tenant.locale), short=True)
