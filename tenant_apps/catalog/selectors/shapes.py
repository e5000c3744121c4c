"""From rows to what other apps see of them. Rows come with their provider and category (`with_names`)."""

from __future__ import annotations

from dataclasses import fields

from kernel.money import Money
from tenant_apps.catalog.models import Service
from tenant_apps.catalog.types import Approval, ServiceCard, ServiceDetails, ServiceStatus
from tenant_apps.providers.selectors import card_of


def service_card(service: Service) -> ServiceCard:
    """A row as a card; no query."""
    return ServiceCard(
        pk=service.pk,
        id=service.public_id,
        slug=service.slug,
        title=service.title,
        summary=service.summary,
        place=service.place,
        price=Money(service.price_minor, service.currency),
        duration_minutes=service.duration_minutes,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        grid_step_minutes=service.grid_step_minutes,
        min_notice_minutes=service.min_notice_minutes,
        horizon_days=service.horizon_days,
        max_per_day=service.max_per_day,
        max_per_week=service.max_per_week,
        approval=Approval(service.approval),
        status=ServiceStatus(service.status),
        category_id=service.category.public_id,
        category_name=service.category.name,
        category_slug=service.category.slug,
        provider=card_of(service.provider),
    )


def service_details(service: Service) -> ServiceDetails:
    """A row with everything; no query."""
    card = service_card(service)
    return ServiceDetails(
        **{field.name: getattr(card, field.name) for field in fields(card)},
        description=service.description,
        included=tuple(service.included),
        cancel_notice_minutes=service.cancel_notice_minutes,
    )
