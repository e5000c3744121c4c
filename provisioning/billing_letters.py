"""What owners are told when their subscription moves: what it means, until when, and where to put it right.

In the organization's scope, which is entered here: what is its own waits while it is suspended, and these letters must not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from shared_apps.billing.events import SubscriptionMoved
from shared_apps.billing.selectors import Moved, move_of
from shared_apps.billing.types import State
from tenant_apps.bookings.selectors.phrases import locale_here
from tenant_apps.members.selectors import owners
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Action, Letter, Template, Tone
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tenants.types import TenantStatus
from webui.formats import day_text

_OWING: Final = (State.PAST_DUE, State.GRACE, State.SUSPENDED)


def write_to_owners_of_moved(event: SubscriptionMoved) -> None:
    """Tell each owner in their language, of what they have to know only. Twice: one letter each."""
    moved = move_of(event.subscription_id, event.revision)
    tenant = context_for(moved.tenant_id) if moved else None
    # Who has closed was told of that, and of what becomes of their data; nothing else is true for them.
    if moved is None or tenant is None or tenant.status in (TenantStatus.CLOSING, TenantStatus.ERASED):
        return
    with tenant_scope(tenant):
        for owner in owners():
            language = owner.language or tenant.language
            with translation.override(language):
                letter = _letter(tenant, moved)
            if letter is not None:
                key = _key(event, owner.public_id)
                send_mail(key=key, to=owner.email, letter=letter, language=language)


def _key(event: SubscriptionMoved, owner_id: UUID) -> str:
    return f"subscription:{event.subscription_id.hex}:{event.revision}:{owner_id}"


def _letter(tenant: TenantContext, moved: Moved) -> Letter | None:
    words = _words(tenant, moved)
    if words is None:
        return None
    tone, heading, text = words
    return Letter(
        template=Template.SUBSCRIPTION_MOVED,
        subject=heading,
        preheader=text,
        status=str(State(moved.after).label),
        tone=tone,
        heading=heading,
        paragraphs=(text,),
        button=_way(tenant, moved),
    )


def _words(tenant: TenantContext, moved: Moved) -> tuple[Tone, str, str] | None:
    names = {"market": tenant.name, "day": _day(tenant, moved.grace_until)}
    if moved.before in _OWING and moved.after is State.ACTIVE:
        return "ok", _("Thank you: %(market)s is paid for") % names, _("Everything is as before. There is nothing to do.")
    return _of_trouble(moved, names)


def _of_trouble(moved: Moved, names: Mapping[str, str]) -> tuple[Tone, str, str] | None:
    match moved.before, moved.after:
        case _, State.PAST_DUE:
            heading = _("The payment for %(market)s failed") % names
            return "warn", heading, _("The bank did not accept it, and it is tried again. Everything works as before.")
        case State.TRIALING, State.GRACE:
            heading = _("The trial of %(market)s is over") % names
            text = (
                _("Everything works until %(day)s. Choose how to pay by then, and nothing changes for your customers.") % names
            )
            return "warn", heading, text
        case _, State.GRACE:
            heading = _("%(market)s is not paid for") % names
            text = _("Everything works until %(day)s. After that your customers see a page that says so; your data are kept.")
            return "bad", heading, text % names
        case _, State.SUSPENDED:
            heading = _("%(market)s is suspended") % names
            return (
                "bad",
                heading,
                _("Nothing was deleted. As soon as it is paid for, all of it is back, without a further step."),
            )
        case _, State.CANCELLED:
            heading = _("The subscription of %(market)s has ended") % names
            return (
                "brand",
                heading,
                _("Your data are kept for now. If you want to come back, write to whoever runs the platform."),
            )
    return None


def _way(tenant: TenantContext, moved: Moved) -> Action | None:
    if moved.after in _OWING and moved.pay_url:
        return Action(_("Pay now"), moved.pay_url)
    if moved.after is State.SUSPENDED:
        # Their own pages are closed; the platform's are not.
        page = reverse("unpaid_marketplace", args=[tenant.slug], urlconf=settings.PUBLIC_SCHEMA_URLCONF)
        return Action(_("Pay now"), settings.PLATFORM_URL + page)
    if moved.after is State.CANCELLED:
        return None
    return Action(_("See plan and payment"), tenant.base_url + reverse("backoffice:plan"))


def _day(tenant: TenantContext, moment: datetime | None) -> str:
    return "" if moment is None else day_text(moment.astimezone(ZoneInfo(tenant.time_zone)).date(), locale_here(), "yMMMMd")
