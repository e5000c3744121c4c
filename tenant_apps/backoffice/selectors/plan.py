"""What the organization's plan allows, and how much of it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from shared_apps.plans.selectors import larger_plans
from shared_apps.plans.services import has, limit_of
from shared_apps.plans.types import (
    BOOKINGS_PER_MONTH,
    ENTITLEMENTS,
    MAX_PROVIDERS,
    MAX_SERVICES,
    STORAGE_MEGABYTES,
    LargerPlan,
    Limit,
    Switch,
)
from tenant_apps.backoffice.types import PlanUse
from tenant_apps.bookings.services import booked_this_month
from tenant_apps.catalog.selectors import count_for_sale
from tenant_apps.members.selectors import provider_seats
from tenant_apps.providers.selectors import stored_bytes
from tenants.scope import current_tenant
from tenants.vocabulary import current_words

_MEGABYTE: Final = 1024 * 1024
SWITCHES: Final = tuple(one for one in ENTITLEMENTS.values() if isinstance(one, Switch))
"""All there are, so that a new one is shown with what it would do and cost from its first day on."""


def uses_of_plan(*, now: datetime) -> list[PlanUse]:
    """The limits that fill up, each with what is used of it (five queries)."""
    booked = _("%(booked)s this month") % {"booked": capfirst(current_words().bookings)}
    providers, services, storage = standing_uses(now=now)
    return [providers, services, _counted(BOOKINGS_PER_MONTH, booked, lambda: booked_this_month(now=now)), storage]


def standing_uses(*, now: datetime) -> list[PlanUse]:
    """The limits on what stands there right now, which is not of a month (four queries)."""
    words = current_words()
    people, offers = capfirst(words.providers), capfirst(words.services)
    return [
        _counted(MAX_PROVIDERS, _("%(people)s, invited ones included") % {"people": people}, lambda: provider_seats(now=now)),
        _counted(MAX_SERVICES, _("%(offers)s for sale") % {"offers": offers}, count_for_sale),
        _stored(),
    ]


def larger_in_own_words() -> list[LargerPlan]:
    """The plans above the organization's own, with what they have more in the words that it has for its people and offers."""
    words = current_words()
    own = {
        MAX_PROVIDERS.code: capfirst(words.providers),
        MAX_SERVICES.code: capfirst(words.services),
        BOOKINGS_PER_MONTH.code: _("%(booked)s a month") % {"booked": capfirst(words.bookings)},
    }
    return [
        replace(larger, gains=[replace(gain, label=own.get(gain.code, gain.label)) for gain in larger.gains])
        for larger in larger_plans(current_tenant())
    ]


def switches_of_plan() -> list[tuple[str | Promise, bool]]:
    """What a plan has or has not, by name."""
    return [(switch.label, has(switch)) for switch in SWITCHES]


def _counted(entitlement: Limit, label: str, count: Callable[[], int]) -> PlanUse:
    used, limit = count(), limit_of(entitlement)
    return PlanUse(entitlement.code, label, used, limit, str(used), "" if limit is None else str(limit))


def _stored() -> PlanUse:
    """Pictures, in bytes; the plan counts in megabytes."""
    used, megabytes = stored_bytes(), limit_of(STORAGE_MEGABYTES)
    limit = None if megabytes is None else megabytes * _MEGABYTE
    texts = filesizeformat(used), "" if limit is None else filesizeformat(limit)
    return PlanUse(STORAGE_MEGABYTES.code, _("Storage for pictures"), used, limit, *texts)
