"""What owners are told when their subscription moves: what it means, until when, and where to put it right.

In the organization's scope, which is entered here: what is its own waits while it is suspended, and these letters must not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kernel.emails import find_email
from shared_apps.billing.events import GraceReminded, SubscriptionMoved
from shared_apps.billing.selectors import Moved, grace_of, move_of
from shared_apps.billing.types import State
from shared_apps.operators.selectors import contact_of_platform
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
type _Words = Callable[[TenantContext, Moved], tuple[Tone, str, str] | None]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Somebody who gets a letter; `key` makes it one letter."""

    key: str
    email: str
    language: str
    is_owner: bool


def write_to_owners_of_moved(event: SubscriptionMoved) -> None:
    """Tell each owner in their language, of what they have to know only. Twice: one letter each."""
    moved = move_of(event.subscription_id, event.revision)
    tenant = context_for(moved.tenant_id) if moved else None
    # Who has closed was told of that, and of what becomes of their data; nothing else is true for them.
    if moved is None or tenant is None or tenant.status in (TenantStatus.CLOSING, TenantStatus.ERASED):
        return
    _write(tenant, moved, _words, key=_key(event))


def write_to_owners_in_grace(event: GraceReminded) -> None:
    """Tell them again until when it can be paid, while that is still true. Twice: one letter each."""
    moved = grace_of(event.subscription_id, event.grace_until)
    tenant = context_for(moved.tenant_id) if moved else None
    if moved is None or tenant is None or tenant.status in (TenantStatus.CLOSING, TenantStatus.ERASED):
        return
    key = f"grace:{event.subscription_id.hex}:{int(event.grace_until.timestamp())}:{event.step}"
    _write(tenant, moved, _of_reminder, key=key)


def _key(event: SubscriptionMoved) -> str:
    return f"subscription:{event.subscription_id.hex}:{event.revision}"


def _write(tenant: TenantContext, moved: Moved, words: _Words, *, key: str) -> None:
    with tenant_scope(tenant):
        for person in _readers(tenant, moved):
            with translation.override(person.language):
                letter = _letter(tenant, moved, words, is_owner=person.is_owner)
            if letter is not None:
                mail, answers_to = f"{key}:{person.key}", contact_of_platform()
                # The platform answers here, not the organization whose letter this looks like.
                send_mail(key=mail, to=person.email, letter=letter, language=person.language, reply_to=answers_to)


def _readers(tenant: TenantContext, moved: Moved) -> Iterator[_Reader]:
    """The owners, and whoever else is to be told of what is billed; nobody twice."""
    told = set()
    for owner in owners():
        told.add(find_email(owner.email))
        yield _Reader(str(owner.public_id), owner.email, owner.language or tenant.language, is_owner=True)
    for contact in moved.contacts:
        email = find_email(contact)
        if email is not None and email not in told:
            told.add(email)
            yield _Reader(sha256(email.encode()).hexdigest()[:32], email, tenant.language, is_owner=False)


def _letter(tenant: TenantContext, moved: Moved, words: _Words, *, is_owner: bool) -> Letter | None:
    found = words(tenant, moved)
    if found is None:
        return None
    tone, heading, text = found
    # Who is no member has nothing to open but the invoice.
    way = _way(tenant, moved) if is_owner or (moved.after in _OWING and moved.pay_url) else None
    return Letter(
        template=Template.SUBSCRIPTION_MOVED,
        subject=heading,
        preheader=text,
        status=str(State(moved.after).label),
        tone=tone,
        heading=heading,
        paragraphs=(text,),
        button=way,
    )


def _words(tenant: TenantContext, moved: Moved) -> tuple[Tone, str, str] | None:
    names = {"market": tenant.name, "day": _day(tenant, moved.grace_until)}
    if moved.before in _OWING and moved.after is State.ACTIVE:
        return "ok", _("Thank you: %(market)s is paid for") % names, _of_return(tenant)
    if moved.overdue and moved.after is State.PAST_DUE:
        heading = _("Invoice %(number)s for %(market)s is overdue") % {**names, "number": moved.overdue}
        return (
            "warn",
            heading,
            _("It should have been paid by now. If it just was, there is nothing to do: it may take a few days."),
        )
    return _of_trouble(moved, names)


def _of_return(tenant: TenantContext) -> str:
    # Billing has taken its own word back: what is suspended still is so by an operator.
    if tenant.status == TenantStatus.SUSPENDED:
        return _("It stays suspended all the same: whoever runs the platform has taken it out of service. Ask them why.")
    return _("Everything is as before. There is nothing to do.")


def _of_reminder(tenant: TenantContext, moved: Moved) -> tuple[Tone, str, str] | None:
    names = {"market": tenant.name, "day": _day(tenant, moved.grace_until)}
    heading = _("%(market)s is paid for until %(day)s only") % names
    text = _(
        "After that your customers see a page that says it is closed for now. Your data are kept, and a payment changes it."
    )
    return "bad", heading, text


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
        page = reverse("entry_standing", args=[tenant.slug], urlconf=settings.PUBLIC_SCHEMA_URLCONF)
        return Action(_("Pay now"), settings.PLATFORM_URL + page)
    if moved.after is State.CANCELLED:
        return None
    return Action(_("See plan and payment"), tenant.base_url + reverse("backoffice:plan"))


def _day(tenant: TenantContext, moment: datetime | None) -> str:
    return "" if moment is None else day_text(moment.astimezone(ZoneInfo(tenant.time_zone)).date(), locale_here(), "yMMMMd")
