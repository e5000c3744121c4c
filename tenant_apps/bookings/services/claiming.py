"""Whose booking it is: a guest's bookings find their account, a lost link comes again, one that went astray stops working."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from kernel import clock
from kernel.actor import Actor
from kernel.emails import canonical_email, email_is
from kernel.events import publish
from kernel.ids import new_id
from tenant_apps.bookings.events import LinkRenewed, LinksAsked
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import CHANGE, require_party
from tenant_apps.bookings.services.rates import count_links, may_write_to
from tenant_apps.bookings.services.writing import lock_providers
from tenant_apps.bookings.types import Party


def claim_bookings_of(*, user_id: int, email: str, now: datetime | None = None) -> int:
    """Give the bookings that a guest made under `email` to the account `user_id`; tells how many.

    Only for an address that the account has proven to own: whoever can read its mail has the links to them anyway.
    A booking that already has an account keeps it. May be called any number of times.
    """
    now = now or clock.now()
    unclaimed = Booking.objects.booked().filter(email_is(email), customer__isnull=True)
    with transaction.atomic():
        lock_providers(*unclaimed.values_list("provider_id", flat=True))
        return unclaimed.update(customer_id=user_id, updated_at=now)


def renew_link(*, actor: Actor, booking: Booking, now: datetime | None = None) -> Booking:
    """Make every manage link of `booking` sent so far worthless. By any of its sides.

    LinkRenewed leaves after the commit, and with it a letter with the new link to the customer: to whoever asks here, who may
    be the one that the link went astray to, the new one is not shown.
    """
    now = now or clock.now()
    require_party(actor, booking, CHANGE, Party.CUSTOMER, Party.PROVIDER, Party.ORGANIZATION)
    with transaction.atomic():
        lock_providers(booking.provider_id)
        Booking.objects.filter(pk=booking.pk).update(link_epoch=F("link_epoch") + 1, updated_at=now)
        booking.refresh_from_db(fields=["link_epoch"])
        publish(LinkRenewed(booking.public_id, booking.link_epoch))
    return booking


def ask_for_links(*, email: str, visitor: str, language: str) -> None:
    """Have the links to what was booked under `email` sent there, and nowhere else.

    Looks nothing up: known and unknown addresses cost the same and are answered alike; a worker writes (LinksAsked). An
    address to which enough letters were sent is answered alike, too, and gets no other for a while.

    Raises:
        InvalidEmail: it is no address.
        Throttled: `visitor`, or all of them together, have asked too often; says when to try again.
    """
    address = canonical_email(email)
    count_links(visitor)
    if may_write_to(address):
        with transaction.atomic():
            publish(LinksAsked(new_id(), address, language))
