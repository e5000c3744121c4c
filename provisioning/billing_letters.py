"""What owners are told when their subscription moves: what it means, until when, and where to put it right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from provisioning.billing_post import addressee, day_there, send_to_owners, standing_url
from shared_apps.billing.events import GraceReminded, SubscriptionMoved
from shared_apps.billing.selectors import Moved, grace_of, move_of
from shared_apps.billing.types import State
from tenant_apps.notifications.types import Action, Letter, Template, Tone
from tenants.context import TenantContext
from tenants.types import TenantStatus

_OWING: Final = (State.PAST_DUE, State.GRACE, State.SUSPENDED)
type _Words = Callable[[TenantContext, Moved], tuple[Tone, str, str] | None]


def write_to_owners_of_moved(event: SubscriptionMoved) -> None:
    """Tell each owner in their language, of what they have to know only. Twice: one letter each."""
    moved = move_of(event.subscription_id, event.revision)
    tenant = addressee(moved.tenant_id) if moved else None
    if moved is None or tenant is None:
        return
    _write(tenant, moved, _words, key=_key(event))


def write_to_owners_in_grace(event: GraceReminded) -> None:
    """Tell them again until when it can be paid, while that is still true. Twice: one letter each."""
    moved = grace_of(event.subscription_id, event.grace_until)
    tenant = addressee(moved.tenant_id) if moved else None
    if moved is None or tenant is None:
        return
    key = f"grace:{event.subscription_id.hex}:{int(event.grace_until.timestamp())}:{event.step}"
    _write(tenant, moved, _of_reminder, key=key)


def _key(event: SubscriptionMoved) -> str:
    return f"subscription:{event.subscription_id.hex}:{event.revision}"


def _write(tenant: TenantContext, moved: Moved, words: _Words, *, key: str) -> None:
    send_to_owners(tenant, moved.contacts, lambda is_owner: _letter(tenant, moved, words, is_owner=is_owner), key=key)


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
    names = {"market": tenant.name, "day": day_there(tenant, moved.grace_until)}
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
    names = {"market": tenant.name, "day": day_there(tenant, moved.grace_until)}
    heading = _("%(market)s is paid for until %(day)s only") % names
    text = _(
        "After that your customers see a page that says it is closed for now. Your data are kept, and a payment changes it."
    )
    return "bad", heading, text


def _of_trouble(moved: Moved, names: Mapping[str, str]) -> tuple[Tone, str, str] | None:
    match moved.before, moved.after:
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
                _("Your data are kept for now. Choose how to pay, and all of it is back, without a further step."),
            )
    return None


def _way(tenant: TenantContext, moved: Moved) -> Action | None:
    if moved.after in _OWING and moved.pay_url:
        return Action(_("Pay now"), moved.pay_url)
    if moved.after is State.SUSPENDED:
        return Action(_("Pay now"), standing_url(tenant))
    if moved.after is State.CANCELLED:
        return Action(_("Choose how to pay"), standing_url(tenant))
    return Action(_("See plan and payment"), tenant.base_url + reverse("backoffice:plan"))
