"""The shelves of the marketplace, kept by its managers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.cleaning import require_clean
from kernel.db import insert_or_none
from kernel.locking import lock_rows, lock_timeout
from kernel.slugs import candidates, slug_from
from tenant_apps.catalog.errors import CategoryInUse, CategoryNotFound
from tenant_apps.catalog.models import Category
from tenant_apps.catalog.permissions import EDIT_CATEGORIES
from tenant_apps.catalog.rules import order_after
from tenant_apps.catalog.services.checks import check_category_name, name_taken

_SLUG_LENGTH: Final = 60
_SLUG_ATTEMPTS: Final = 20
_EDITABLE: Final = ("name", "description", "icon")


def create_category(*, actor: Actor, name: str, description: str = "", icon: str = "") -> UUID:
    """A new category behind the others, at an address made from its name. Returns its public id.

    Raises:
        PermissionDenied: the actor does not manage categories.
        NameTaken, Invalid: the named field does not hold.
    """
    actor.require(EDIT_CATEGORIES)
    category = Category(position=Category.objects.count())
    _fill(category, name, description, icon)
    first = slug_from(category.name, fallback="category", max_length=_SLUG_LENGTH)
    for slug in islice(candidates(first, max_length=_SLUG_LENGTH), _SLUG_ATTEMPTS):
        category.slug = slug
        if insert_or_none(category) is not None:
            return category.public_id
    raise name_taken()


def update_category(*, actor: Actor, category_id: UUID, name: str, description: str = "", icon: str = "") -> None:
    """Write what a category is called; its address stays.

    Raises:
        PermissionDenied: the actor does not manage categories.
        CategoryNotFound, NameTaken, Invalid: no such category, or the named field does not hold.
    """
    category = _managed(actor, category_id)
    _fill(category, name, description, icon)
    try:
        with transaction.atomic():
            category.save(update_fields=_EDITABLE)
    except IntegrityError as error:
        # Somebody took the name since it was looked up.
        raise name_taken() from error


def delete_category(*, actor: Actor, category_id: UUID) -> None:
    """Remove an empty category. Calling it for one that is gone raises `CategoryNotFound`.

    Raises:
        PermissionDenied: the actor does not manage categories.
        CategoryInUse: services stand in it, even hidden ones.
    """
    category = _managed(actor, category_id)
    try:
        category.delete()
    except ProtectedError as error:
        raise CategoryInUse(_("Move the services in “%(name)s” elsewhere first.") % {"name": category.name}) from error


def reorder_categories(*, actor: Actor, category_ids: Sequence[UUID]) -> None:
    """Put these categories first, in this order; the others follow as they were. May be called twice.

    Raises:
        PermissionDenied: the actor does not manage categories.
    """
    actor.require(EDIT_CATEGORIES)
    with transaction.atomic(), lock_timeout():
        locked = lock_rows(Category.objects.all())
        by_id = {category.public_id: category for category in sorted(locked, key=lambda row: (row.position, row.pk))}
        for position, category_id in enumerate(order_after(category_ids, list(by_id))):
            by_id[category_id].position = position
        Category.objects.bulk_update(by_id.values(), ["position"])


def _managed(actor: Actor, category_id: UUID) -> Category:
    actor.require(EDIT_CATEGORIES)
    category = Category.objects.filter(public_id=category_id).first()
    if category is None:
        raise CategoryNotFound(_("There is no such category."))
    return category


def _fill(category: Category, name: str, description: str, icon: str) -> None:
    category.name = " ".join(name.split())
    category.description = description.strip()
    category.icon = icon.strip()
    require_clean(category, _EDITABLE)
    check_category_name(category.name, but=category.public_id)
