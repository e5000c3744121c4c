"""Services: for sale, by address, by provider, and for who works on them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db.models import Min, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.money import Money
from kernel.paging import Page, fetch_page
from tenant_apps.catalog.errors import ServiceNotFound
from tenant_apps.catalog.models import Service, ServiceQuerySet
from tenant_apps.catalog.rules import missing_for_sale
from tenant_apps.catalog.selectors.shapes import service_card, service_details
from tenant_apps.catalog.types import Facets, ServiceCard, ServiceDetails, ServiceStatus
from tenants.scope import current_tenant

PAGE_SIZE: Final = 24
_MOST_WORDS: Final = 5
_MOST_PER_PROVIDER: Final = 100
_MOST_IN_SITEMAP: Final = 5_000


def listed_services(facets: Facets, *, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[ServiceCard]:
    """One page of what is for sale, narrowed and ordered by `facets`; one query.

    Raises:
        Invalid: the cursor is none of ours, or of another order.
    """
    services = _narrowed(Service.objects.all().listed(), facets).with_names()
    page = fetch_page(services, order=facets.sorting.columns, cursor=cursor, limit=limit)
    return Page([service_card(service) for service in page.rows], page.next_cursor, page.previous_cursor)


def services_by(provider_pk: int) -> list[ServiceCard]:
    """What one provider has for sale, in the provider's order; empty while the provider is not live."""
    services = Service.objects.all().listed().filter(provider_id=provider_pk).with_names().order_by("position", "pk")
    return [service_card(service) for service in services[:_MOST_PER_PROVIDER]]


def first_services(provider_pks: Collection[int], *, each: int) -> dict[int, list[ServiceCard]]:
    """The first few that each of these providers has for sale, by the provider's primary key, in one query."""
    turn = Window(RowNumber(), partition_by="provider_id", order_by=["position", "pk"])
    services = Service.objects.all().listed().filter(provider_id__in=provider_pks).with_names()
    found: dict[int, list[ServiceCard]] = {provider_pk: [] for provider_pk in provider_pks}
    for service in services.annotate(turn=turn).filter(turn__lte=each).order_by("provider_id", "turn"):
        found[service.provider_id].append(service_card(service))
    return found


def service_at(slug: str, *, actor: Actor) -> ServiceDetails:
    """The service at this address; its provider and managers see it before it is live.

    Raises:
        ServiceNotFound: there is none that the actor may see.
    """
    return _found(Service.objects.all().visible_to(actor).filter(slug=slug))


def service_with_id(service_id: UUID, *, actor: Actor) -> ServiceDetails:
    """The service with this public id, to whom `service_at` would show it.

    Raises:
        ServiceNotFound: there is none that the actor may see.
    """
    return _found(Service.objects.all().visible_to(actor).filter(public_id=service_id))


def services_for_staff(*, actor: Actor, provider_pk: int | None = None) -> list[ServiceCard]:
    """The services in every state that the actor may work on, by provider and in the provider's order."""
    services = Service.objects.all().editable_by(actor).with_names()
    if provider_pk is not None:
        services = services.filter(provider_id=provider_pk)
    ordered = services.order_by("provider__position", "provider_id", "position", "pk")
    return [service_card(service) for service in ordered[: 5 * _MOST_PER_PROVIDER]]


def service_for_staff(service_id: UUID, *, actor: Actor) -> ServiceDetails:
    """A service that the actor may work on.

    Raises:
        ServiceNotFound: it is somebody else's, or nobody's.
    """
    return _found(Service.objects.all().editable_by(actor).filter(public_id=service_id))


def service_paths() -> list[str]:
    """The addresses of everything for sale, for crawlers; at most five thousand."""
    slugs = Service.objects.all().listed().order_by("pk").values_list("slug", flat=True)
    return [f"/services/{slug}/" for slug in slugs[:_MOST_IN_SITEMAP]]


def lowest_prices(provider_pks: Collection[int]) -> dict[int, Money]:
    """The lowest price each of these providers asks, by primary key, in one query; without those who sell nothing."""
    found = (
        Service.objects.all()
        .listed()
        .filter(provider_id__in=provider_pks)
        .order_by()
        .values_list("provider_id")
        .annotate(lowest=Min("price_minor"))
    )
    currency = current_tenant().currency
    return {provider_pk: Money(lowest, currency) for provider_pk, lowest in found}


def _narrowed(services: ServiceQuerySet, facets: Facets) -> ServiceQuerySet:
    for word in _storable(facets.search).split()[:_MOST_WORDS]:
        services = services.matching(word)
    if place := _storable(facets.place).strip():
        services = services.at(place)
    if facets.category:
        services = services.filter(category__slug=_storable(facets.category))
    return services.instant() if facets.instant_only else services


def _storable(text: str) -> str:
    """Without zero bytes, which PostgreSQL refuses even in a question."""
    return text.replace("\0", " ")


def _found(services: ServiceQuerySet) -> ServiceDetails:
    service = services.with_names().first()
    if service is None:
        raise ServiceNotFound(_("There is no such service."))
    return service_details(service)


def count_for_sale() -> int:
    """How many services are for sale, their provider's page shown or not: what the plan's limit counts."""
    return Service.objects.filter(status=ServiceStatus.LIVE).count()


def providers_on_sale() -> list[UUID]:
    """Who has something on sale that visitors find, in the order of their ids (one query)."""
    listed = Service.objects.all().listed().order_by("provider__public_id")
    return list(listed.values_list("provider__public_id", flat=True).distinct())


def missing_to_publish(service: ServiceDetails) -> str | None:
    """The field of the service that customers need and that is empty; what `publish_service` would blame."""
    return missing_for_sale(summary=service.summary, description=service.description)


def has_services() -> bool:
    """Whether anything was ever priced here, drafts included: a service is taken off sale, never deleted."""
    return Service.objects.exists()
