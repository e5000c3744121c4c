"""Fills a marketplace: a blueprint's shelves for everybody, whole samples for the demo. Runs inside the tenant's scope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import cycle
from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from kernel import clock
from kernel.actor import Actor
from kernel.money import Money
from provisioning.content.bookings import SampleCustomer, write_bookings
from provisioning.content.shapes import Blueprint, CategoryShape, ProviderShape, Sample, ServiceShape
from shared_apps.accounts.models import User
from shared_apps.accounts.services import get_or_create_user_for_email, mark_email_verified
from tenant_apps.availability.services import add_exception, set_weekly_hours
from tenant_apps.availability.types import ExceptionKind
from tenant_apps.catalog.selectors import categories
from tenant_apps.catalog.services import create_category, create_service, publish_service
from tenant_apps.catalog.types import Approval, ServiceDetails, ServiceDraft
from tenant_apps.members.services import add_member
from tenant_apps.members.types import Role
from tenant_apps.providers.models import Provider
from tenant_apps.providers.selectors import profile_for_staff
from tenant_apps.providers.services import create_provider, publish_profile, update_profile
from tenants.scope import current_tenant

ACTOR: Final = Actor.system("blueprint")


def apply_blueprint(blueprint: Blueprint) -> None:
    """Put the blueprint's shelves into the current marketplace. May run again: shelves that are there stay as they are."""
    with transaction.atomic():
        _create_categories(blueprint.categories)


def apply_sample(sample: Sample, *, password: str, now: datetime | None = None) -> None:
    """Fill the current marketplace with a sample's people, services, hours and bookings. May run again: it is all or nothing.

    Each provider signs in with their address and `password`. Bookings lie around `now`; nobody gets a mail about them.
    """
    moment = now or clock.now()
    with transaction.atomic():
        if Provider.objects.exists():
            return
        shelves = _create_categories(sample.blueprint.categories)
        for shape in sample.providers:
            _create_provider(shape, shelves, password=password, now=moment)
        write_bookings(customers=_customers(sample.customers), now=moment)


def sign_in_with(user: User, password: str) -> None:
    """Give a made-up person of the demo a proved address and a known password."""
    mark_email_verified(user=user)
    user.password = _hash_of(password)
    user.save(update_fields=["password"])


@cache
def _hash_of(password: str) -> str:
    """One hash for all of them, made in a third of a second: their password is printed, so salts would protect nothing."""
    return make_password(password)


def _create_categories(shapes: Sequence[CategoryShape]) -> dict[str, UUID]:
    """The public ids of the shelves by name, made where they are missing."""
    known = {card.name: card.id for card in categories()}
    for shape in shapes:
        if shape.name not in known:
            known[shape.name] = create_category(actor=ACTOR, name=shape.name, description=shape.description, icon=shape.icon)
    return known


def _create_provider(shape: ProviderShape, shelves: dict[str, UUID], *, password: str, now: datetime) -> None:
    first, _, last = shape.name.partition(" ")
    user = get_or_create_user_for_email(email=shape.email, first_name=first, last_name=last)
    sign_in_with(user, password)
    created = create_provider(actor=ACTOR, display_name=shape.name, user_id=user.pk)
    add_member(actor=ACTOR, user=user, role=Role.PROVIDER)
    update_profile(
        actor=ACTOR,
        provider_id=created.id,
        display_name=shape.name,
        slug=created.slug,
        headline=shape.headline,
        bio=shape.bio,
        location=shape.location,
        tags=shape.tags,
        time_zone=current_tenant().time_zone,
    )
    # The drawn portrait is chosen by hand for samples only; for everybody else it follows from their id.
    Provider.objects.filter(public_id=created.id).update(art=dict(shape.art))
    _set_hours(shape, created.id, now=now)
    publish_profile(actor=ACTOR, provider_id=created.id, now=now)
    for service in shape.services:
        _create_service(service, created.id, shelves[service.category], now=now)


def _set_hours(shape: ProviderShape, provider_id: UUID, *, now: datetime) -> None:
    provider = profile_for_staff(provider_id, actor=ACTOR)
    set_weekly_hours(actor=ACTOR, provider=provider, windows=shape.windows)
    for day in shape.closed:
        add_exception(
            actor=ACTOR,
            provider=provider,
            on_date=day.on(now.date()),
            kind=ExceptionKind.CLOSED,
            note=day.note,
            now=now,
        )


def _create_service(shape: ServiceShape, provider_id: UUID, category_id: UUID, *, now: datetime) -> ServiceDetails:
    draft = ServiceDraft(
        title=shape.title,
        category_id=category_id,
        price=Money(shape.price_minor, current_tenant().currency),
        duration_minutes=shape.duration_minutes,
        summary=shape.summary,
        description=shape.description or f"{shape.summary}.",
        included=shape.included,
        place=shape.place,
        buffer_after_minutes=shape.buffer_after_minutes,
        grid_step_minutes=shape.grid_step_minutes,
        min_notice_minutes=shape.min_notice_minutes,
        approval=Approval.REQUEST if shape.is_by_request else Approval.INSTANT,
    )
    created = create_service(actor=ACTOR, provider_id=provider_id, draft=draft)
    return publish_service(actor=ACTOR, service_id=created.id, now=now)


def _customers(names: Sequence[str]) -> Iterator[SampleCustomer]:
    """The sample's customers, again and again."""
    for name in cycle(names):
        first, _, last = name.partition(" ")
        yield SampleCustomer(first, last, f"{first}.{last}@mail.example".lower())
