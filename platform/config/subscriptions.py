"""The one table of who reacts to what: event class → handlers (dotted paths), run in a worker inside the event's scope."""

from __future__ import annotations

from typing import Final

from kernel.events import Event
from provisioning.events import OrganizationLive
from shared_apps.accounts.events import CustomerVerified
from tenant_apps.bookings import events as bookings
from tenant_apps.members.events import MemberInvited, MemberJoined, MemberLeft

_WRITE_TO_BOTH: Final = ("tenant_apps.bookings.handlers.write_to_customer", "tenant_apps.bookings.handlers.write_to_provider")

SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {
    OrganizationLive: ("provisioning.handlers.publish_first_look", "provisioning.handlers.write_to_owner"),
    MemberJoined: ("tenant_apps.providers.handlers.create_provider_for_member",),
    MemberLeft: ("tenant_apps.providers.handlers.pause_provider_of_member",),
    MemberInvited: ("tenant_apps.notifications.handlers.write_invitation",),
    CustomerVerified: ("tenant_apps.bookings.handlers.claim_bookings",),
    bookings.BookingRequested: _WRITE_TO_BOTH,
    bookings.BookingConfirmed: _WRITE_TO_BOTH,
    bookings.BookingDeclined: _WRITE_TO_BOTH,
    bookings.BookingCancelled: _WRITE_TO_BOTH,
    bookings.BookingMoved: _WRITE_TO_BOTH,
    bookings.BookingLapsed: _WRITE_TO_BOTH,
}
