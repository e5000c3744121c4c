"""What a service may promise, field by field: asked by what writes it, and by the form, which tells all at once."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.cleaning import require_storable
from kernel.errors import Invalid
from kernel.money import Money
from tenant_apps.catalog.errors import NameTaken, ServiceIncomplete
from tenant_apps.catalog.models import Category
from tenant_apps.catalog.rules import (
    MAX_INCLUDED,
    MAX_INCLUDED_LENGTH,
    MAX_PRICE_MINOR,
    clean_lines,
    horizon_reaches_past_notice,
    missing_for_sale,
)


def check_price(price: Money) -> None:
    """Refuse a price below zero, or one in which a comma was forgotten.

    Raises:
        Invalid: blames `price`.
    """
    if price.amount_minor < 0:
        raise Invalid(_("A price cannot be below zero."), field="price")
    if price.amount_minor > MAX_PRICE_MINOR:
        raise Invalid(_("This price is too high to be meant."), field="price")


def check_included(lines: Iterable[str]) -> None:
    """Refuse too many lines, or too long ones; empty ones do not count.

    Raises:
        Invalid: blames `included`.
    """
    kept = clean_lines(lines)
    if len(kept) > MAX_INCLUDED:
        raise Invalid(_("At most %(count)d lines, please.") % {"count": MAX_INCLUDED}, field="included")
    if any(len(line) > MAX_INCLUDED_LENGTH for line in kept):
        raise Invalid(_("A line has at most %(count)d letters.") % {"count": MAX_INCLUDED_LENGTH}, field="included")
    require_storable(kept, field="included")


def check_horizon(*, min_notice_minutes: int, horizon_days: int) -> None:
    """Refuse a notice that leaves no day to book on.

    Raises:
        Invalid: blames `horizon_days`.
    """
    if not horizon_reaches_past_notice(min_notice_minutes=min_notice_minutes, horizon_days=horizon_days):
        raise Invalid(_("With so much notice, no bookable day is left. Offer more days ahead."), field="horizon_days")


def check_saleable(*, summary: str, description: str) -> None:
    """Refuse words that tell customers nothing, for what is on sale.

    Raises:
        ServiceIncomplete: blames the field to fill in.
    """
    missing = missing_for_sale(summary=summary, description=description)
    if missing is not None:
        raise ServiceIncomplete(_("Say in a sentence what customers get, before this goes on sale."), field=missing)


def check_category_name(name: str, *, but: UUID | None = None) -> None:
    """Refuse the name of a category that is there already, whatever its case; `but` is the one that is being renamed.

    Raises:
        NameTaken: blames `name`.
    """
    named = Category.objects.filter(name__iexact=" ".join(name.split()))
    if (named if but is None else named.exclude(public_id=but)).exists():
        raise name_taken()


def name_taken() -> NameTaken:
    """The refusal of a category's name that is another's."""
    return NameTaken(_("There is a category of this name already."), field="name")
