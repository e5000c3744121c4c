"""The home page: its sections in order with their settings, and the rows that fill them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenant_apps.catalog.selectors import categories, listed_services
from tenant_apps.catalog.types import CategoryCard, Facets
from tenant_apps.providers.selectors import listed_providers
from tenant_apps.storefront.selectors.tiles import price_text, provider_tiles
from tenant_apps.storefront.types import CategoryTile, HomePage, SearchBar, Section, ServiceTile
from tenants.context import TenantContext
from themes.engine.errors import SectionSettingsError
from themes.engine.packages import BASE, ThemePackage, get_package
from themes.engine.sections import MOST_SECTIONS
from themes.loader import package_of_request

_log = structlog.get_logger(__name__)

_PROVIDERS_SHOWN: Final = 6
_SERVICES_SHOWN: Final = 3
_CATEGORIES_SHOWN: Final = 12
_SCHEMES: Final = ("light", "dark")
_LARGE_WORDS: Final = ("title", "emphasis")


def home_page(tenant: TenantContext, *, zone: str) -> HomePage:
    """What the sections show, times on the clock of `zone`. Seven queries, however much there is."""
    shelves = [card for card in categories() if card.service_count][:_CATEGORIES_SHOWN]
    providers = listed_providers(limit=_PROVIDERS_SHOWN).rows
    services = listed_services(Facets(), limit=_SERVICES_SHOWN).rows
    return HomePage(
        links={"services": "/services/", "providers": "/providers/"},
        search=search_bar(tenant),
        categories=[_category_tile(card, tenant) for card in shelves],
        providers=provider_tiles(providers, tenant=tenant, zone=zone, slots_each=3),
        services=[ServiceTile(card, price_text(card.price, tenant)) for card in services],
        steps=_entries(tenant, "steps"),
        stats=_entries(tenant, "stats"),
        faq=_entries(tenant, "faq"),
    )


def home_sections(tenant: TenantContext) -> list[Section]:
    """The sections to draw, in order: those the organization arranged, else those of its theme package."""
    package = package_of_request() or get_package(BASE)
    stored = tenant.content.get("sections")
    arranged = [item for item in stored if isinstance(item, Mapping)] if isinstance(stored, list) else None
    if arranged is None:
        arranged = [{"type": section_id} for section_id in package.storefront]
    return list(_drawn(package, arranged, _settings_by_type(tenant)))[:MOST_SECTIONS]


def search_bar(tenant: TenantContext, *, what: str = "", where: str = "", when: str = "") -> SearchBar:
    """The search bar with what was asked in it, in the organization's words."""
    own = tenant.content.get("search")
    words = {key: str(value) for key, value in own.items() if isinstance(value, str)} if isinstance(own, Mapping) else {}
    places = own.get("places") if isinstance(own, Mapping) else None
    return SearchBar(
        action="/services/",
        what=what,
        what_label=words.get("what_label", ""),
        what_placeholder=words.get("what_placeholder", ""),
        where=where,
        where_label=words.get("where_label", ""),
        where_placeholder=words.get("where_placeholder", ""),
        when=when,
        places=tuple(str(place) for place in places) if isinstance(places, list) else (),
    )


def _drawn(
    package: ThemePackage, arranged: list[Mapping[str, object]], defaults: Mapping[str, Mapping[str, object]]
) -> Iterator[Section]:
    known = set(package.storefront) | set(package.sections)
    for item in arranged:
        kind = str(item.get("type") or "")
        if item.get("hidden") or kind not in known:
            continue
        own = item.get("settings")
        scheme = str(item.get("scheme") or "")
        yield Section(
            id=kind,
            template=f"sections/{kind}.html",
            settings=_settings(package, kind, own if isinstance(own, Mapping) else defaults.get(kind, {})),
            variant=str(item.get("variant") or ""),
            scheme=scheme if scheme in _SCHEMES else "",
        )


def _settings(package: ThemePackage, kind: str, stored: Mapping[str, object]) -> dict[str, object]:
    try:
        return package.section_settings(kind, stored)
    except SectionSettingsError as error:
        # Written for another package, or an older version of this one: the section shows with what the package says.
        _log.warning("section_settings_refused", section=kind, package=package.id, problems=str(error))
        return package.section_settings(kind, {})


def _settings_by_type(tenant: TenantContext) -> Mapping[str, Mapping[str, object]]:
    stored = tenant.content.get("section_settings")
    if not isinstance(stored, Mapping):
        return {}
    by_type = {str(kind): settings for kind, settings in stored.items() if isinstance(settings, Mapping)}
    return by_type | {"hero": _with_the_headline(by_type.get("hero", {}), str(tenant.content.get("headline") or ""))}


def _with_the_headline(hero: Mapping[str, object], headline: str) -> Mapping[str, object]:
    """The large words without those that the settings do not say any more: `title` and `emphasis` only set the headline."""
    said = " ".join(str(hero[key]) for key in _LARGE_WORDS if hero.get(key))
    if not headline or said == headline:
        return hero
    return {key: value for key, value in hero.items() if key not in _LARGE_WORDS}


def _category_tile(card: CategoryCard, tenant: TenantContext) -> CategoryTile:
    price = price_text(card.lowest_price, tenant)
    count = ngettext("%(count)d service", "%(count)d services", card.service_count) % {"count": card.service_count}
    meta = _("from %(price)s") % {"price": price} if price else count
    return CategoryTile(card.name, card.slug, card.icon, card.path, meta)


def _entries(tenant: TenantContext, name: str) -> list[Mapping[str, str]]:
    stored = tenant.content.get(name)
    return [item for item in stored if isinstance(item, Mapping)] if isinstance(stored, list) else []
