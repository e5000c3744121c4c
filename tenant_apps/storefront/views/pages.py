"""Pages for visitors: home, services, providers, categories, texts."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kernel.actor import Actor
from kernel.paging import Page
from tenant_apps.bookings.selectors import get_service_picker, zone_hint
from tenant_apps.bookings.types import Picker
from tenant_apps.catalog.selectors import categories, category_at, listed_services, service_at, services_by
from tenant_apps.catalog.types import Facets, ServiceCard, ServiceDetails, Sorting
from tenant_apps.providers.selectors import listed_providers, profile_at, profile_behind_link
from tenant_apps.storefront.selectors import (
    home_page,
    home_sections,
    provider_tiles,
    service_tiles,
    services_free,
    text_page,
)
from tenant_apps.storefront.selectors.home import search_bar
from tenant_apps.storefront.selectors.tiles import is_when
from tenant_apps.storefront.types import Meta
from tenants.scope import current_tenant
from tenants.vocabulary import words_of
from webui.htmx import render_page

_LONGEST_SEARCH = 100
# The sections that list times, and say beside them whose clock these are on.
_WITH_CLOCK = frozenset({"featured", "next_available"})


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page, in the sections of the theme package."""
    tenant = current_tenant()
    content = tenant.content
    page, sections = home_page(tenant, zone=_zone(request)), home_sections(tenant)
    context = {
        "page": page,
        "has_sticky": page.first_free is not None,
        "clock_zone": _zone(request),
        "is_clock_told": any(section.id in _WITH_CLOCK for section in sections),
        "sections": sections,
        "meta": Meta(
            title=str(content.get("headline") or content.get("tagline") or _("Welcome")),
            description=str(content.get("tagline") or ""),
            path=reverse("storefront_home"),
        ),
    }
    return render_page(request, "pages/storefront.html", context)


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """What is for sale, narrowed by what stands in the address."""
    tenant = current_tenant()
    facets = _facets(request)
    when = _asked(request, "when")
    cards = services_free(facets, when=when, zone=_zone(request)) if is_when(when) else None
    found = _page_of(request, facets) if cards is None else Page(cards, None, None)
    context = {
        "facets": facets,
        "when": when,
        "list": found,
        "tiles": service_tiles(found.rows, tenant=tenant, zone=_zone(request)),
        "clock_zone": _zone(request),
        "shelves": [card for card in categories() if card.service_count],
        "sortings": _sortings(facets),
        "page": {"search": search_bar(tenant, what=facets.search, where=facets.place, when=when)},
        "meta": Meta(
            title=capfirst(words_of(tenant).services),
            description=_("Real free times at clear prices, at %(name)s.") % {"name": tenant.name},
            path=reverse("storefront_services"),
        ),
    }
    return render_page(request, "storefront/services.html", context, partial="results")


@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """One service, with the times at which it can be booked."""
    found = service_at(slug, actor=_actor(request))
    others = [card for card in services_by(found.provider.pk) if card.pk != found.pk][:3]
    context = {
        "service": found,
        "picker": _picker(request, found) if found.is_bookable else None,
        "others": others,
        "crumbs": [
            (current_tenant().name, reverse("storefront_home")),
            (found.category_name, reverse("storefront_category", args=[found.category_slug])),
            (found.title, ""),
        ],
        "meta": Meta(found.title, found.summary or found.description[:160], found.path, image=found.provider.cover_url),
        "has_sticky": found.is_bookable,
    }
    return render_page(request, "storefront/service.html", context)


@require_safe
def providers(request: HttpRequest) -> HttpResponse:
    """Who offers something here."""
    tenant = current_tenant()
    search = _asked(request, "q")
    found = listed_providers(search=search, cursor=_cursor(request))
    context = {
        "list": found,
        "tiles": provider_tiles(found.rows, tenant=tenant, zone=_zone(request)),
        "clock_zone": _zone(request),
        "search": search,
        "meta": Meta(
            title=capfirst(words_of(tenant).providers),
            description=_("Everybody you can book at %(name)s.") % {"name": tenant.name},
            path=reverse("storefront_providers"),
        ),
    }
    return render_page(request, "storefront/providers.html", context, partial="results")


@require_safe
def provider(request: HttpRequest, slug: str) -> HttpResponse:
    """A provider's own page: where share links lead."""
    tenant = current_tenant()
    profile = profile_at(slug, actor=_actor(request))
    context = {
        "profile": profile,
        "tiles": service_tiles(services_by(profile.pk), tenant=tenant, zone=_zone(request)),
        "clock_zone": _zone(request),
        "crumbs": [
            (tenant.name, reverse("storefront_home")),
            (capfirst(words_of(tenant).providers), reverse("storefront_providers")),
            (profile.name, ""),
        ],
        "meta": Meta(
            title=profile.name,
            description=profile.headline or profile.bio[:160],
            path=profile.path,
            image=profile.header.src if profile.header else "",
        ),
    }
    return render_page(request, "storefront/provider.html", context)


@require_safe
def short_link(request: HttpRequest, public_id: str) -> HttpResponse:
    """From a printed code to the provider's page, wherever that is now."""
    return HttpResponseRedirect(profile_behind_link(public_id, actor=_actor(request)).path)


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """What is for sale in one category."""
    tenant = current_tenant()
    shelf = category_at(slug)
    found = listed_services(Facets(category=slug, sorting=Sorting.of(_asked(request, "sort"))), cursor=_cursor(request))
    context = {
        "category": shelf,
        "list": found,
        "tiles": service_tiles(found.rows, tenant=tenant, zone=_zone(request)),
        "clock_zone": _zone(request),
        "crumbs": [
            (tenant.name, reverse("storefront_home")),
            (capfirst(words_of(tenant).services), reverse("storefront_services")),
            (shelf.name, ""),
        ],
        "meta": Meta(
            title=shelf.name,
            description=shelf.description or _("%(category)s at %(name)s.") % {"category": shelf.name, "name": tenant.name},
            path=shelf.path,
        ),
    }
    return render_page(request, "storefront/category.html", context, partial="results")


@require_safe
def text(request: HttpRequest, slug: str) -> HttpResponse:
    """About, privacy, terms: the organization's own words."""
    page = text_page(current_tenant(), slug)
    return render_page(request, "storefront/text.html", {"text": page, "meta": Meta(page.title, "", page.url)})


def _facets(request: HttpRequest) -> Facets:
    return Facets(
        search=_asked(request, "q"),
        category=_asked(request, "category"),
        place=_asked(request, "where"),
        instant_only=_asked(request, "instant") == "1",
        sorting=Sorting.of(_asked(request, "sort")),
    )


def _page_of(request: HttpRequest, facets: Facets) -> Page[ServiceCard]:
    return listed_services(facets, cursor=_cursor(request))


def _sortings(facets: Facets) -> list[tuple[str, str, bool]]:
    """Name in the address, words, and whether it is the present one."""
    words = {
        Sorting.RECOMMENDED: _("Recommended"),
        Sorting.PRICE_UP: _("Price, low to high"),
        Sorting.PRICE_DOWN: _("Price, high to low"),
        Sorting.NEWEST: _("Newest"),
    }
    return [(sorting.code, words[sorting], sorting is facets.sorting) for sorting in Sorting]


def _asked(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:_LONGEST_SEARCH]


def _picker(request: HttpRequest, found: ServiceDetails) -> Picker:
    return get_service_picker(
        service=found,
        query=request.GET.dict(),
        cookies=request.COOKIES,
        session=request.session,
        profile_zone=getattr(request.user, "time_zone", ""),
    )


def _zone(request: HttpRequest) -> str:
    """The clock on which the viewer reads times: theirs, as far as they told it, else the organization's."""
    return zone_hint(request.COOKIES, getattr(request.user, "time_zone", "")) or current_tenant().time_zone


def _cursor(request: HttpRequest) -> str | None:
    return request.GET.get("after") or request.GET.get("before") or None


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]  # set by members' middleware
