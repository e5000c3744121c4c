"""What the organization's owners are told about bookings as a whole."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tenant_apps.bookings.events import MonthUsedUp
from tenant_apps.bookings.selectors.phrases import locale_here
from tenant_apps.notifications.types import Action, Letter, Template
from tenants.scope import current_tenant
from webui.formats import day_text


def letter_to_owner(event: MonthUsedUp) -> Letter:
    """That this month's bookings are used up, in the active language."""
    tenant = current_tenant()
    words = {"market": tenant.name, "month": day_text(event.month_on, locale_here(), "yMMMM")}
    return Letter(
        template=Template.BOOKINGS_USED_UP,
        subject=_("%(market)s takes no more bookings in %(month)s") % words,
        preheader=_("The last booking that your plan allows this month has been made."),
        status=_("Plan"),
        tone="warn",
        heading=_("This month's bookings are used up"),
        paragraphs=(
            _("The last booking that your plan allows in %(month)s has been made. Customers are asked to contact you.") % words,
            _(
                "A larger plan has room for more at once. Requests that are declined, and bookings called off a day ahead, "
                "make room too."
            ),
        ),
        button=Action(_("Look at the bookings"), f"{tenant.base_url}/manage/bookings/"),
        footnote=_("You get this letter once a month at most, as an owner of %(market)s.") % words,
    )
