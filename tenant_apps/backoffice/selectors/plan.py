"""What the organization's plan allows, and how much of it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kernel.actor import Actor
from shared_apps.billing.selectors import MANAGE, Holding, billing_now, entitlements_of
from shared_apps.billing.services import is_billed
from shared_apps.domains.selectors import domains_for
from shared_apps.plans.selectors import differences, larger_plans, offer_of, offers, plan_named
from shared_apps.plans.services import has, limit_of
from shared_apps.plans.types import (
    API_ACCESS,
    API_CALLS_PER_MONTH,
    API_REQUESTS_PER_MINUTE,
    BOOKINGS_PER_MONTH,
    COMING,
    ENTITLEMENTS,
    MAX_DOMAINS,
    MAX_PROVIDERS,
    MAX_SERVICES,
    STORAGE_MEGABYTES,
    Difference,
    LargerPlan,
    Limit,
    Offer,
    PlanKind,
    Switch,
)
from tenant_apps.backoffice.rules.clock import days_left
from tenant_apps.backoffice.rules.excess import Used
from tenant_apps.backoffice.types import Desk, PlanUse
from tenant_apps.bookings.services import booked_this_month
from tenant_apps.catalog.selectors import count_for_sale
from tenant_apps.members.selectors import provider_seats
from tenant_apps.providers.selectors import stored_bytes
from tenants.scope import current_tenant, platform_scope
from tenants.types import PaymentNotice
from tenants.vocabulary import current_words

_MEGABYTE: Final = 1024 * 1024
_OF_THE_API: Final = (API_CALLS_PER_MONTH.code, API_REQUESTS_PER_MINUTE.code)
SWITCHES: Final = tuple(one for one in ENTITLEMENTS.values() if isinstance(one, Switch))
"""All there are, so that a new one is shown with what it would do and cost from its first day on."""
FOR_SALE: Final = tuple(one for one in SWITCHES if one not in COMING)


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


@dataclass(frozen=True, slots=True)
class Trial:
    """The plan that is tried, by name, and how many days are left."""

    plan: str
    days: int


def trial_of(desk: Desk) -> Trial | None:
    """What those who pay are to see of a trial from its first day on (one query while there is one, else none)."""
    tenant = current_tenant()
    is_trial = tenant.payment_notice == PaymentNotice.TRIAL and desk.actor.can(MANAGE)
    if not is_trial or not is_billed():
        return None
    days = days_left(tenant.payment_notice_until, billing_now())
    if not days:
        return None
    plan = plan_named(tenant.plan)
    return Trial(plan.name if plan else tenant.plan, days)


def larger_in_own_words() -> list[LargerPlan]:
    """The plans above the organization's own, with what they have more in the words that it has for its people and offers."""
    return [replace(larger, gains=_in_own_words(larger.gains)) for larger in larger_plans(current_tenant())]


def becomes_otherwise(plan_code: str, wanted: Holding) -> list[Difference]:
    """What `wanted` gives otherwise than what one has, in one's own words; of the price nothing (at most ten queries)."""
    tenant = current_tenant()
    own = offer_of(tenant.plan, tenant.plan_version)
    other = next((offer for offer in offers_here() if offer.plan.code == plan_code), None)
    if own is None or other is None:
        return []
    # With all that is beside the plan, now and then; what belongs to the API says nothing where there is none.
    before = replace(own.contents, entitlements=dict(tenant.entitlements))
    given = entitlements_of(wanted)
    after = replace(other.contents, prices=own.contents.prices, trial_days=own.contents.trial_days, entitlements=dict(given))
    found = differences(before, after, locale=tenant.locale)
    return _in_own_words(one for one in found if given.get(API_ACCESS.code) or one.code not in _OF_THE_API)


def offers_here(kind: PlanKind = PlanKind.PLAN) -> list[Offer]:
    """What can be chosen, the smallest first (four queries)."""
    with platform_scope(reason="what can be chosen"):
        return offers(kind)


def called_here(add_on: Offer) -> str:
    """The add-on's name; of one that gives room for people or offers alone, in the words that they have here."""
    words = current_words()
    own = {MAX_PROVIDERS.code: words.providers, MAX_SERVICES.code: words.services}
    given = [code for code, more in add_on.contents.entitlements.items() if more]
    if len(given) == 1 and given[0] in own:
        return _("More %(what)s") % {"what": own[given[0]]}
    return add_on.plan.name


def plans_to_choose(plan_code: str, number: int) -> list[Offer]:
    """The same, and among it the version that one has: at its own price, and also where it is not on offer (nine queries)."""
    own = offer_of(plan_code, number)
    found = [offer for offer in offers_here() if own is None or offer.plan.code != plan_code]
    return sorted(found if own is None else [*found, own], key=lambda offer: (offer.plan.position, offer.plan.code))


def used_here(actor: Actor, *, now: datetime) -> list[Used]:
    """How much there is of what another plan may have less room for (four queries)."""
    words = current_words()
    tenant_id = current_tenant().id
    people, offered = capfirst(words.providers), capfirst(words.services)
    domains = reverse("backoffice:domains")
    return [
        Used(MAX_PROVIDERS.code, people, provider_seats(now=now), reverse("backoffice:providers")),
        Used(MAX_SERVICES.code, offered, count_for_sale(), reverse("backoffice:providers")),
        Used(STORAGE_MEGABYTES.code, _("Storage for pictures"), stored_bytes(), reverse("backoffice:providers")),
        Used(MAX_DOMAINS.code, _("Domains of your own"), len(domains_for(actor=actor, tenant_id=tenant_id)), domains),
    ]


def _in_own_words(gains: Iterable[Difference]) -> list[Difference]:
    words = current_words()
    own = {
        MAX_PROVIDERS.code: capfirst(words.providers),
        MAX_SERVICES.code: capfirst(words.services),
        BOOKINGS_PER_MONTH.code: _("%(booked)s a month") % {"booked": capfirst(words.bookings)},
        **{one.code: _coming(one.label) for one in COMING},
    }
    return [replace(gain, label=own.get(gain.code, gain.label)) for gain in gains]


def switches_of_plan() -> list[tuple[str | Promise, bool]]:
    """What a plan has or has not, by name."""
    return [(_coming(switch.label) if switch in COMING else switch.label, has(switch)) for switch in SWITCHES]


def _coming(label: str | Promise) -> str:
    return _("%(what)s (soon)") % {"what": label}


def _counted(entitlement: Limit, label: str, count: Callable[[], int]) -> PlanUse:
    used, limit = count(), limit_of(entitlement)
    return PlanUse(entitlement.code, label, used, limit, str(used), "" if limit is None else str(limit))


def _stored() -> PlanUse:
    """Pictures, in bytes; the plan counts in megabytes."""
    used, megabytes = stored_bytes(), limit_of(STORAGE_MEGABYTES)
    limit = None if megabytes is None else megabytes * _MEGABYTE
    texts = filesizeformat(used), "" if limit is None else filesizeformat(limit)
    return PlanUse(STORAGE_MEGABYTES.code, _("Storage for pictures"), used, limit, *texts)
