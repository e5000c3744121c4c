"""The one check of what is asked for, whoever asks: the form, the API or the shell."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext as _

from kernel.emails import canonical_email
from kernel.errors import Invalid
from kernel.money.currencies import require_currency
from provisioning.content.reading import blueprint_ids
from provisioning.types import OrganizationRequest
from shared_apps.plans.selectors import offered_plans
from tenant_apps.availability.errors import InvalidTime
from tenant_apps.availability.selectors import zone_named
from tenants.registry import tidy_slug
from tenants.scope import platform_scope
from themes.engine.color import normalize_hex

_LONGEST: Final = {"name": 80, "owner_email": 254, "owner_name": 120, "tagline": 120}
_LONGEST_LOCALE: Final = 16


def check_request(request: OrganizationRequest) -> OrganizationRequest:
    """`request` as it is to be stored: every value one that the finished marketplace can work with, in one spelling.

    What was left empty stays empty. Whether the name can be had is `reserve_name`'s to say.

    Raises:
        SlugRefused: the name is malformed or reserved, with free ones near it; blames `slug`.
        Invalid: another value makes no sense; blames its field.
    """
    return replace(
        request,
        slug=tidy_slug(request.slug),
        name=_words(request.name, "name", required=True),
        owner_email=_email(request.owner_email),
        owner_name=_words(request.owner_name, "owner_name"),
        blueprint=_one_of(request.blueprint, blueprint_ids(), "blueprint"),
        plan_code=_one_of(request.plan_code, _plan_codes(), "plan_code"),
        brand_color=_color(request.brand_color, "brand_color"),
        accent_color=_color(request.accent_color, "accent_color"),
        tagline=_words(request.tagline, "tagline"),
        locale=_locale(request.locale),
        currency=_currency(request.currency),
        time_zone=_time_zone(request.time_zone),
    )


def _words(text: str, field: str, *, required: bool = False) -> str:
    tidy = " ".join(text.split())
    if required and not tidy:
        raise Invalid(_("Write at least one word."), field=field)
    if len(tidy) > _LONGEST[field]:
        raise Invalid(_("Use at most %(count)d letters.") % {"count": _LONGEST[field]}, field=field)
    if any(unicodedata.category(letter) == "Cc" for letter in tidy):
        raise Invalid(_("There is a sign in this that cannot be shown."), field=field)
    return tidy


def _email(text: str) -> str:
    return canonical_email(_words(text, "owner_email"), field="owner_email")


def _one_of(value: str, known: Iterable[str], field: str) -> str:
    names = list(known)
    if value not in names:
        raise Invalid(_("Choose one of these: %(known)s.") % {"known": ", ".join(names)}, field=field)
    return value


def _plan_codes() -> list[str]:
    with platform_scope(reason="plans on offer"):
        return [plan.code for plan in offered_plans()]


def _color(text: str, field: str) -> str:
    try:
        return normalize_hex(text.strip()) if text else ""
    except ValueError:
        raise Invalid(_("Write a colour like #0f9d8a."), field=field) from None


def _locale(text: str) -> str:
    if not text:
        return ""
    try:
        known = str(Locale.parse(text, sep="-")).replace("_", "-")
    except (ValueError, UnknownLocaleError):
        known = ""
    if not 0 < len(known) <= _LONGEST_LOCALE:
        raise Invalid(_("This is not a locale. Write it like en-GB."), field="locale")
    return known


def _currency(text: str) -> str:
    try:
        if text:
            require_currency(text)
    except ValueError:
        raise Invalid(_("This is not a currency. Write its three letters, like EUR."), field="currency") from None
    return text


def _time_zone(text: str) -> str:
    try:
        return zone_named(text, field="time_zone") if text else ""
    except InvalidTime as error:
        raise Invalid(error.message, field="time_zone") from error
