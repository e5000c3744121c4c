"""How the front page puts plans into words, and the colours it shows as examples; pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.places import currency_of_country
from shared_apps.plans.types import (
    API_ACCESS,
    BOOKINGS_PER_MONTH,
    COMING,
    CUSTOM_DOMAIN,
    MAX_PROVIDERS,
    MAX_SERVICES,
    REMOVE_BRANDING,
    SSO,
    Limit,
    Switch,
    Value,
)
from shared_apps.site.types import ColorSample, PlanLine
from themes.engine.color import contrast
from themes.engine.derive import derive_palette
from themes.engine.tokens import ThemeTokens

# Hard cases on purpose: pale, neon, dark and in between.
EXAMPLE_COLORS: Final = (
    *("#0f9d8a", "#ffd60a", "#2b3a8f", "#d8ff5e", "#e4572e", "#f5c2d7"),
    *("#111111", "#7cc6fe", "#a3b18a", "#ff006e", "#6d597a", "#fefae0"),
)
_SWITCHES: Final = (CUSTOM_DOMAIN, REMOVE_BRANDING, API_ACCESS, SSO)
_COUNTRY_LENGTH: Final = 2
_LONGEST_HEADER: Final = 500


def plan_lines(values: dict[str, Value]) -> list[PlanLine]:
    """Limits first, then what is switched on or off, in the registry's order."""
    lines = [
        PlanLine(_limit_text(limit, values), is_included=True) for limit in (MAX_PROVIDERS, MAX_SERVICES, BOOKINGS_PER_MONTH)
    ]
    return lines + [PlanLine(_switch_text(switch), is_included=bool(values[switch.code])) for switch in _SWITCHES]


def _switch_text(switch: Switch) -> str:
    return _("%(what)s (soon)") % {"what": switch.label} if switch in COMING else str(switch.label)


def _limit_text(limit: Limit, values: dict[str, Value]) -> str:
    count = values[limit.code]
    if count is None:
        return _("%(what)s without limit") % {"what": limit.label}
    words = {
        MAX_PROVIDERS.code: ngettext("%(count)s provider", "%(count)s providers", count),
        MAX_SERVICES.code: ngettext("%(count)s service", "%(count)s services", count),
        BOOKINGS_PER_MONTH.code: ngettext("%(count)s booking a month", "%(count)s bookings a month", count),
    }
    return words[limit.code] % {"count": f"{count:,}"}


def currencies_of(languages: str, *, on: date) -> list[str]:
    """The currencies of the countries that an Accept-Language header names (`en-GB,de;q=0.8`), in its order."""
    regions = (tag.split(";")[0].strip().partition("-")[2].upper() for tag in languages[:_LONGEST_HEADER].split(","))
    found = (currency_of_country(region, on=on) for region in regions if len(region) == _COUNTRY_LENGTH)
    return [currency for currency in found if currency is not None]


@lru_cache(maxsize=1)
def color_samples() -> tuple[ColorSample, ...]:
    """The example colours and what becomes of them; worked out once per process."""
    return tuple(_samples())


def _samples() -> Iterator[ColorSample]:
    for brand in EXAMPLE_COLORS:
        palette = derive_palette(ThemeTokens(brand=brand), "light")
        fill, text = palette["brand"], palette["on-brand"]
        yield ColorSample(
            brand=brand,
            fill=fill,
            text=text,
            edge=palette["brand-edge"],
            ratio=f"{contrast(fill, text):.1f}",
            is_exact=fill == brand,
        )
