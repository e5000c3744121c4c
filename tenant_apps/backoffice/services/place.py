"""Saving where the organization is at home."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import Conflict
from kernel.zones import is_zone
from tenant_apps.availability.selectors import get_provider_ids_with_hours
from tenant_apps.availability.services import rezone_blackouts
from tenant_apps.catalog.selectors import has_services
from tenant_apps.providers.services import follow_home_zone
from tenants.registry import lock_currency, update_place
from tenants.scope import current_tenant


def save_place(*, actor: Actor, currency: str, time_zone: str, locale: str) -> None:
    """Write the organization's currency, time zone, and how dates and numbers are written (a BCP 47 tag).

    Who has just begun to set up a profile comes along; who has hours, or is live, keeps the clock that these are on.

    Raises:
        PermissionDenied: the actor does not edit settings.
        Conflict: there are prices in the currency of before; blames `currency`.
        Invalid: no such currency, zone or way of writing; blames its field.
    """
    actor.require("settings.edit")
    tenant = current_tenant()
    with transaction.atomic():
        # Behind the lock: a price that is being written now is seen, and one that comes next sees the new currency.
        current = lock_currency(tenant.id)
        if currency != current and has_services():
            raise Conflict(
                _("There are prices in %(currency)s already, so it stays.") % {"currency": current}, field="currency"
            )
        update_place(actor=actor, tenant_id=tenant.id, currency=currency, time_zone=time_zone, locale=locale)
        if time_zone != tenant.time_zone and is_zone(time_zone):
            rezone_blackouts(actor=actor, before=tenant.time_zone, after=time_zone)
            follow_home_zone(actor=actor, before=tenant.time_zone, after=time_zone, settled=get_provider_ids_with_hours())
