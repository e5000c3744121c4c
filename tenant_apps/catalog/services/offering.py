"""Offering a service: written, changed, put up for sale, taken down, put in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.cleaning import require_clean
from kernel.clock import now as clock_now
from kernel.db import insert_or_none
from kernel.errors import Conflict, Invalid
from kernel.events import publish
from kernel.locking import lock_rows, lock_timeout
from kernel.money import Money
from kernel.slugs import candidates, slug_from
from shared_apps.plans.services import require_within_limit
from shared_apps.plans.types import MAX_SERVICES
from tenant_apps.catalog.errors import CategoryNotFound, ServiceNotFound, WrongCurrency
from tenant_apps.catalog.events import ServicePublished
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.permissions import require_edit
from tenant_apps.catalog.rules import clean_lines, order_after
from tenant_apps.catalog.selectors.shapes import service_details
from tenant_apps.catalog.services.checks import check_horizon, check_included, check_price, check_saleable
from tenant_apps.catalog.types import ServiceDetails, ServiceDraft, ServiceStatus
from tenant_apps.providers.selectors import profile_for_staff
from tenants.registry import lock_currency
from tenants.scope import current_tenant

_SLUG_LENGTH: Final = 80
_SLUG_ATTEMPTS: Final = 200
_TEXTS: Final = ("title", "summary", "description", "place")
_NUMBERS: Final = (
    "duration_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "grid_step_minutes",
    "min_notice_minutes",
    "cancel_notice_minutes",
    "horizon_days",
    "max_per_day",
    "max_per_week",
)
_WRITTEN: Final = (*_TEXTS, *_NUMBERS, "approval", "category", "included", "price_minor", "currency", "updated_at")


def create_service(*, actor: Actor, provider_id: UUID, draft: ServiceDraft) -> ServiceDetails:
    """A new service of this provider, not yet for sale, at an address made from its title and kept for ever.

    Raises:
        ProviderNotFound, PermissionDenied: not the actor's provider, or not theirs to add to.
        CategoryNotFound, WrongCurrency, Invalid: the named field does not hold.
    """
    provider = profile_for_staff(provider_id, actor=actor)
    require_edit(actor, owner_id=provider.user_id)
    service = Service(provider_id=provider.pk, position=Service.objects.filter(provider_id=provider.pk).count())
    with transaction.atomic():
        _fill(service, draft)
        return service_details(_insert(service))


def update_service(*, actor: Actor, service_id: UUID, draft: ServiceDraft) -> ServiceDetails:
    """Write what a service is; bookings made keep what they agreed on. Raises as `create_service`, and:

    Raises:
        ServiceNotFound: not the actor's to know.
        ServiceIncomplete: it is for sale and would lose what customers need.
    """
    service = _editable(actor, service_id)
    with transaction.atomic():
        _fill(service, draft)
        if service.status == ServiceStatus.LIVE:
            check_saleable(summary=service.summary, description=service.description)
        service.save(update_fields=_WRITTEN)
    return service_details(service)


def publish_service(*, actor: Actor, service_id: UUID, now: datetime | None = None) -> ServiceDetails:
    """Put it up for sale; it is shown as soon as its provider is live. Of one for sale: nothing changes.

    Raises:
        ServiceNotFound, PermissionDenied: not the actor's to know, or to change.
        ServiceIncomplete: a field that customers need is empty.
        LimitReached: the plan has no room for another service on sale.
    """
    service = _editable(actor, service_id)
    check_saleable(summary=service.summary, description=service.description)
    with transaction.atomic():
        # Without this one, so that publishing it again needs no room.
        others = Service.objects.filter(status=ServiceStatus.LIVE).exclude(pk=service.pk)
        require_within_limit(MAX_SERVICES, used=others.count)
        published = _move(service, ServiceStatus.LIVE, now)
        publish(ServicePublished(service.public_id, service.provider.public_id, now or clock_now()))
        return published


def hide_service(*, actor: Actor, service_id: UUID, now: datetime | None = None) -> ServiceDetails:
    """Take it off sale; bookings made stand. Of a hidden one: nothing changes.

    Raises:
        ServiceNotFound, PermissionDenied: not the actor's to know, or to change.
    """
    return _move(_editable(actor, service_id), ServiceStatus.HIDDEN, now)


def reorder_services(*, actor: Actor, provider_id: UUID, service_ids: Sequence[UUID]) -> None:
    """Put these services of the provider first, in this order; the others follow as they were. May be called twice.

    Raises:
        ProviderNotFound, PermissionDenied: not the actor's provider, or not theirs to change.
    """
    provider = profile_for_staff(provider_id, actor=actor)
    require_edit(actor, owner_id=provider.user_id)
    with transaction.atomic(), lock_timeout():
        locked = lock_rows(Service.objects.filter(provider_id=provider.pk))
        by_id = {service.public_id: service for service in sorted(locked, key=lambda row: (row.position, row.pk))}
        for position, service_id in enumerate(order_after(service_ids, list(by_id))):
            by_id[service_id].position = position
        Service.objects.bulk_update(by_id.values(), ["position"])


def _editable(actor: Actor, service_id: UUID) -> Service:
    service = Service.objects.all().editable_by(actor).filter(public_id=service_id).with_names().first()
    if service is None:
        raise ServiceNotFound(_("There is no such service."))
    require_edit(actor, owner_id=service.provider.user_id)
    return service


def _fill(service: Service, draft: ServiceDraft) -> None:
    """Write the draft onto the row in memory and check it, field by field; the currency stays until the transaction ends."""
    for name in _TEXTS:
        setattr(service, name, getattr(draft, name).strip())
    for name in _NUMBERS:
        setattr(service, name, getattr(draft, name))
    service.approval = draft.approval
    service.included = clean_lines(draft.included)
    service.price_minor, service.currency = draft.price.amount_minor, draft.price.currency
    service.category = _category(draft.category_id)
    _require_sense(service)


def _category(category_id: UUID) -> Category:
    category = Category.objects.filter(public_id=category_id).first()
    if category is None:
        raise CategoryNotFound(_("Choose a category from the list."), field="category_id")
    return category


def _require_sense(service: Service) -> None:
    currency = lock_currency(current_tenant().id)
    if service.currency != currency:
        raise WrongCurrency(_("Prices here are in %(currency)s.") % {"currency": currency}, field="price")
    check_price(Money(service.price_minor, service.currency))
    check_included(service.included)
    _require_clean(service)
    check_horizon(min_notice_minutes=service.min_notice_minutes, horizon_days=service.horizon_days)


def _require_clean(service: Service) -> None:
    try:
        require_clean(service, (*_TEXTS, *_NUMBERS, "approval", "price_minor"))
    except Invalid as error:
        # The column's name is ours; the form's and the API's is "price".
        raise Invalid(error.message, field="price" if error.field == "price_minor" else error.field) from error


def _insert(service: Service) -> Service:
    """Save under the first free address."""
    first = slug_from(service.title, fallback="service", max_length=_SLUG_LENGTH)
    for slug in islice(candidates(first, max_length=_SLUG_LENGTH), _SLUG_ATTEMPTS):
        service.slug = slug
        if insert_or_none(service) is not None:
            return service
    raise Conflict(_("Too many services have this title. Choose another one."), field="title")


def _move(service: Service, target: ServiceStatus, now: datetime | None) -> ServiceDetails:
    Service.objects.filter(pk=service.pk).exclude(status=target).update(status=target, updated_at=now or clock_now())
    service.status = target
    return service_details(service)
