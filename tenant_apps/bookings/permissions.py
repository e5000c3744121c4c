"""Who may see and change a booking: its two sides, whoever runs the marketplace, and whoever holds its link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import PermissionDenied
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import Party


@dataclass(frozen=True, slots=True)
class Right:
    """What it takes to do something to any booking, and to those of one's own calendar (capabilities of members.rules)."""

    any: str
    own: str


VIEW: Final = Right("bookings.view_all", "bookings.view_own")
DECIDE: Final = Right("bookings.confirm", "bookings.confirm_own")
CHANGE: Final = Right("bookings.cancel", "bookings.cancel_own")

_LINK: Final = "bookings.link:"


def link_holder(booking: Booking) -> Actor:
    """Whoever came by the signed link of `booking`: a guest who may do to this one booking what its customer may."""
    return Actor("guest", None, f"link of {booking.reference}", frozenset({_LINK + booking.reference}))


def party_of(actor: Actor, booking: Booking, right: Right) -> Party | None:
    """On whose side `actor` would act with `right`, the one that may do most first; None for a stranger.

    Reads `booking.provider`: select it with the booking.
    """
    if actor.kind == "system":
        return Party.SYSTEM
    if actor.can(right.any):
        return Party.ORGANIZATION
    if _is_user(actor, booking.provider.user_id) and actor.can(right.own):
        return Party.PROVIDER
    if _is_user(actor, booking.customer_id) or actor.can(_LINK + booking.reference):
        return Party.CUSTOMER
    return None


def require_party(actor: Actor, booking: Booking, right: Right, *parties: Party) -> Party:
    """The side `actor` acts for. Raises PermissionDenied unless it is one of `parties`; the platform itself always is."""
    party = party_of(actor, booking, right)
    if party is Party.SYSTEM or party in parties:
        assert party is not None  # a system actor has a party, and None is in no list of parties
        return party
    raise PermissionDenied(_("You are not allowed to do this."), capability=right.any)


def visible_condition(actor: Actor) -> Q:
    """Which bookings `actor` may know of, as a condition; all for those who run the marketplace, none for a guest."""
    if actor.can(VIEW.any):
        return Q()
    if actor.kind != "user":
        # An operator's user_id is a row of another table: the same number is another person.
        return Q(pk__in=[])
    mine = Q(customer_id=actor.user_id)
    return mine | Q(provider__user_id=actor.user_id) if actor.can(VIEW.own) else mine


def _is_user(actor: Actor, user_id: int | None) -> bool:
    return actor.kind == "user" and user_id is not None and actor.user_id == user_id
