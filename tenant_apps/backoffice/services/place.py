"""Saving where the organization is at home."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import Conflict
from tenant_apps.availability.selectors import get_settled_provider_ids
from tenant_apps.availability.services import holding_hours_of, rezone_blackouts
from tenant_apps.catalog.selectors import has_services
from tenant_apps.providers.selectors import draft_ids
from tenant_apps.providers.services import follow_home_zone
from tenants.registry import lock_place, update_place
from tenants.scope import current_tenant


def save_place(*, actor: Actor, currency: str | None, time_zone: str | None, locale: str | None) -> None:
    """Write the organization's currency, time zone, and how dates and numbers are written (a BCP 47 tag); None leaves it.

    Who has just begun to set up a profile comes along; who has hours, or is live, keeps the clock that these are on. Holds
    the hours of those who may come along, and then the organization's row.

    Raises:
        PermissionDenied: the actor does not edit settings.
        Conflict: there are prices in the currency of before; blames `currency`.
        Invalid: no such currency, zone or way of writing; blames its field.
        Busy: somebody sets such hours, or changes the place, for too long.
    """
    actor.require("settings.edit")
    tenant = current_tenant()
    with transaction.atomic():
        # Before the row: named locks come first (ADR 0005). Whoever began since was made by one clock or the other.
        fresh = frozenset() if time_zone is None else _hold_hours_of_fresh()
        # Behind the lock: a price that is being written now is seen, and one that comes next sees the new currency.
        # So is the clock of before: another process may have changed it since ours looked.
        before = lock_place(tenant.id)
        if currency not in (None, before.currency) and has_services():
            raise Conflict(
                _("There are prices in %(currency)s already, so it stays.") % {"currency": before.currency}, field="currency"
            )
        update_place(actor=actor, tenant_id=tenant.id, currency=currency, time_zone=time_zone, locale=locale)
        if time_zone is not None and time_zone != before.time_zone:
            rezone_blackouts(actor=actor, before=before.time_zone, after=time_zone)
            follow_home_zone(actor=actor, before=before.time_zone, after=time_zone, among=fresh)


def _hold_hours_of_fresh() -> frozenset[int]:
    """The drafts of whom no hours are written; nor can they be, until the transaction ends."""
    fresh = draft_ids() - get_settled_provider_ids()
    with holding_hours_of(*fresh):
        # Who was waited for has hours now.
        return fresh - get_settled_provider_ids()
