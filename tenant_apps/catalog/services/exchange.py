"""Writing what was tried out elsewhere, under the ids it has there. Each goes into the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.errors import Conflict
from kernel.locking import lock_rows, lock_timeout
from kernel.slugs import candidates
from shared_apps.plans.services import require_within_limit
from shared_apps.plans.types import MAX_SERVICES
from tenant_apps.catalog.errors import CategoryNotFound, WrongCurrency
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.permissions import EDIT, EDIT_CATEGORIES
from tenant_apps.catalog.services.checks import name_taken
from tenant_apps.catalog.types import ServiceStatus
from tenant_apps.providers.selectors import profile_for_staff
from tenants.registry import lock_currency
from tenants.scope import current_tenant

_SLUG_ATTEMPTS: Final = 200
_LENGTHS: Final = {Category: 60, Service: 80}

type Values = Mapping[str, Any]  # Any: JSON


def hold_catalog() -> None:
    """Lock all categories and services until the transaction ends, so that what is compared now is what is changed then.

    Raises:
        Busy: somebody has held one for too long.
    """
    with lock_timeout():
        lock_rows(Category.objects.all())
        lock_rows(Service.objects.all())


def write_category_of_exchange(*, actor: Actor, category_id: UUID, values: Values) -> None:
    """Write these values of a category; one that is not there is made, under this id.

    Raises:
        PermissionDenied: the actor does not manage categories. NameTaken: another one is called so.
    """
    actor.require(EDIT_CATEGORIES)
    row = Category.objects.filter(public_id=category_id).first()
    try:
        with transaction.atomic():
            _write(row, values) if row is not None else _insert(Category(public_id=category_id, **values))
    except IntegrityError as error:
        raise name_taken() from error


def write_service_of_exchange(*, actor: Actor, service_id: UUID, values: Values) -> None:
    """Write these values of a service; one that is not there is made, under this id, with its `provider`'s public id.

    Raises:
        PermissionDenied: the actor does not manage services.
        CategoryNotFound, ProviderNotFound: what it belongs to is not here.
        WrongCurrency: prices here are in another one.
    """
    actor.require(EDIT)
    known = dict(values)
    if "currency" in known and known["currency"] != (currency := lock_currency(current_tenant().id)):
        raise WrongCurrency(_("Prices here are in %(currency)s.") % {"currency": currency}, field="price")
    if "category" in known:
        known["category_id"] = _category(UUID(known.pop("category")))
    provider = known.pop("provider", None)
    row = Service.objects.filter(public_id=service_id).first()
    if row is not None:
        _write(row, known | {"updated_at": clock.now()})
        return
    known["provider_id"] = profile_for_staff(UUID(provider), actor=actor).pk
    _insert(Service(public_id=service_id, **known))


def remove_category_of_exchange(*, actor: Actor, category_id: UUID) -> bool:
    """Remove a category; False when services stand in it, which stays then."""
    actor.require(EDIT_CATEGORIES)
    row = Category.objects.filter(public_id=category_id).first()
    return row is None or _delete(row)


def remove_service_of_exchange(*, actor: Actor, service_id: UUID) -> bool:
    """Remove a service; False when something was ever booked of it: then it is taken off sale, and what was booked stands."""
    actor.require(EDIT)
    row = Service.objects.filter(public_id=service_id).first()
    if row is None or _delete(row):
        return True
    _write(row, {"status": ServiceStatus.HIDDEN, "updated_at": clock.now()})
    return False


def require_room_on_sale() -> None:
    """Refuse more services on sale than the plan has room for.

    Raises:
        LimitReached: there are (402).
    """
    require_within_limit(MAX_SERVICES, used=Service.objects.filter(status=ServiceStatus.LIVE).count, adding=0)


def _category(category_id: UUID) -> int:
    found = Category.objects.filter(public_id=category_id).values_list("pk", flat=True).first()
    if found is None:
        raise CategoryNotFound(_("The category of a service is not here. Choose all of the catalog."))
    return found


def _write(row: Category | Service, values: Values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def _insert(row: Category | Service) -> None:
    """Under its own address, or the next free one: somebody may have used it here meanwhile."""
    for slug in islice(candidates(row.slug, max_length=_LENGTHS[type(row)]), _SLUG_ATTEMPTS):
        row.slug = slug
        if insert_or_none(row) is not None:
            return
    raise Conflict(_("There is one of this name already."), field="name")


def _delete(row: Category | Service) -> bool:
    try:
        row.delete()
    except ProtectedError:
        return False
    return True
