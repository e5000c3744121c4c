"""Lists of providers."""

from __future__ import annotations

from itertools import islice
from typing import Final

from kernel.actor import Actor
from kernel.paging import Page, fetch_page
from kernel.slugs import candidates, slug_from
from tenant_apps.providers.models import Provider, ProviderQuerySet
from tenant_apps.providers.permissions import VIEW
from tenant_apps.providers.selectors.shapes import card_of
from tenant_apps.providers.types import SLUG_LENGTH, ProviderCard, ProviderStatus

PAGE_SIZE: Final = 24
_MOST_WORDS: Final = 5
_MOST_IN_SITEMAP: Final = 5_000
_SUGGESTIONS: Final = 3
_LOOK_AHEAD: Final = 20


def listed_providers(*, search: str = "", cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[ProviderCard]:
    """The providers that the marketplace shows, by position; `search` looks in names, headlines and places.

    Raises:
        Invalid: the cursor is none of ours.
    """
    return _cards(_searched(Provider.objects.all().listed(), search), cursor, limit)


def providers_for_staff(
    *, actor: Actor, search: str = "", cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[ProviderCard]:
    """Every provider in every state, for who manages them.

    Raises:
        PermissionDenied: the actor does not manage providers.
        Invalid: the cursor is none of ours.
    """
    actor.require(VIEW)
    return _cards(_searched(Provider.objects.all(), search), cursor, limit)


def provider_paths() -> list[str]:
    """The addresses of everybody who is listed, for crawlers; at most five thousand."""
    slugs = Provider.objects.all().listed().order_by("pk").values_list("slug", flat=True)
    return [f"/providers/{slug}/" for slug in slugs[:_MOST_IN_SITEMAP]]


def draft_ids() -> frozenset[int]:
    """The profiles, by primary key, that were never shown."""
    return frozenset(Provider.objects.filter(status=ProviderStatus.DRAFT).values_list("pk", flat=True))


def suggest_slugs(name: str) -> list[str]:
    """Up to three free addresses for somebody of this name, the best first. Free now: only saving takes one."""
    likely = list(
        islice(candidates(slug_from(name, fallback="provider", max_length=SLUG_LENGTH), max_length=SLUG_LENGTH), _LOOK_AHEAD)
    )
    taken = set(Provider.objects.filter(slug__in=likely).values_list("slug", flat=True))
    return [slug for slug in likely if slug not in taken][:_SUGGESTIONS]


def _searched(providers: ProviderQuerySet, search: str) -> ProviderQuerySet:
    for word in search.replace("\0", " ").split()[:_MOST_WORDS]:
        providers = providers.matching(word)
    return providers


def _cards(providers: ProviderQuerySet, cursor: str | None, limit: int) -> Page[ProviderCard]:
    page = fetch_page(providers, order=("position", "pk"), cursor=cursor, limit=limit)
    return Page([card_of(provider) for provider in page.rows], page.next_cursor, page.previous_cursor)
