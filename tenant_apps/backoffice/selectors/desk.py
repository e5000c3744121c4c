"""Who sits in the backoffice."""

from __future__ import annotations

from kernel.actor import Actor
from tenant_apps.backoffice.types import Desk
from tenant_apps.providers.selectors import own_profile
from tenants.scope import current_tenant


def desk_of(actor: Actor) -> Desk:
    """The actor's desk (one query)."""
    own = own_profile(actor)
    is_single = own is not None and not actor.can("bookings.view_all")
    return Desk(actor=actor, own=own, zone=own.time_zone if own is not None and is_single else current_tenant().time_zone)
