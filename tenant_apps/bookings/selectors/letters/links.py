"""The letters that bring a customer back to what they booked: a new link for an old one, and the links of a whole address."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors.letters.parts import date_card
from tenant_apps.bookings.selectors.links import manage_url
from tenant_apps.bookings.selectors.phrases import moment_words
from tenant_apps.notifications.types import Action, Letter, Template
from tenants.scope import current_tenant


def letter_with_new_link(booking: Booking) -> Letter:
    """The new link of `booking`, whose former ones have just ended."""
    words = {"service": booking.service_title}
    return Letter(
        template=Template.BOOKING_LINK_RENEWED,
        subject=_("Your new link: %(service)s") % words,
        preheader=_("The links in earlier mails have ended."),
        status=_("New link"),
        heading=_("Here is your new link"),
        paragraphs=(_("The links to this booking in earlier mails lead nowhere any more. Nothing else has changed."),),
        card=date_card(booking, zone=booking.customer_time_zone),
        button=Action(_("View booking"), manage_url(booking)),
    )


def letter_with_links(bookings: Sequence[Booking]) -> Letter:
    """The links to `bookings`, the first of them largest; or, without any, that there are none under this address."""
    if not bookings:
        return _nothing_found()
    first, *others = bookings
    return Letter(
        template=Template.BOOKING_LINKS,
        subject=_("Your bookings at %(market)s") % _words(),
        preheader=_("The links that you asked for."),
        status=_("Your bookings"),
        heading=_("Here is what you booked"),
        paragraphs=(_("With these links you can see, move or cancel. Whoever has them can, too."),),
        card=date_card(first, zone=first.customer_time_zone),
        button=Action(_("View booking"), manage_url(first)),
        links=tuple(Action(_label(booking), manage_url(booking)) for booking in others),
        footnote=_unasked(),
    )


def _nothing_found() -> Letter:
    words = _words()
    return Letter(
        template=Template.BOOKING_LINKS_NONE,
        subject=_("No bookings at %(market)s under this address") % words,
        preheader=_("Perhaps you booked under another one."),
        status=_("Your bookings"),
        heading=_("Nothing is booked under this address"),
        paragraphs=(_("Perhaps you booked under another address, or what you booked is long over."),),
        button=Action(_("Try another address"), current_tenant().base_url + reverse("booking_find")),
        footnote=_unasked(),
    )


def _label(booking: Booking) -> str:
    return f"{booking.service_title}, {moment_words(booking.starts_at, zone=booking.customer_time_zone)}"


def _unasked() -> str:
    return _("Somebody gave this address at %(market)s. If it was not you, you need not do anything.") % _words()


def _words() -> dict[str, str]:
    return {"market": current_tenant().name}
