"""Another plan, another interval, more of an add-on: chosen, looked at to the smallest unit, confirmed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.money import Money
from shared_apps.billing.models import Subscription
from shared_apps.billing.selectors import MANAGE, OwnerStanding, holding_of, owner_standing
from shared_apps.billing.services import change_plan, is_billed
from shared_apps.plans.selectors import price_of
from shared_apps.plans.types import Interval, Offer, PlanKind
from tenant_apps.backoffice.errors import NothingHere
from tenant_apps.backoffice.forms.plan import ChoosePlanForm, ConfirmChangeForm
from tenant_apps.backoffice.selectors.plan import called_here, offers_here, plans_to_choose
from tenant_apps.backoffice.services.choosing import look_at
from tenant_apps.backoffice.services.looks import look_of
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import form_page, refusal
from tenants.scope import current_tenant
from webui.formats import current_locale, money_text
from webui.forms import Card
from webui.htmx import add_toast, redirect_to, render_page


@form_page(MANAGE)
def change(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The choice, and beside it what it comes to. Stripe is asked by the part of the page that shows it, or by a press."""
    if request.method != "POST":
        return _page(request, desk)
    form = ConfirmChangeForm(request.POST)
    form.full_clean()
    done: list[Subscription] = []
    refused = refusal(form, lambda: done.append(_confirm(desk, form.cleaned_data.get("look", ""))))
    if refused is not None:
        return _page(request, desk, refused=form, status=refused)
    add_toast(request, _words(done[0]))
    return redirect_to(request, reverse("backoffice:plan"))


def standing_here(desk: Desk) -> OwnerStanding:
    """The subscription of this marketplace; 404 where there never was one, as in a sandbox."""
    found = owner_standing(desk.actor, current_tenant().id)
    if found is None:
        raise NothingHere(_("There is nothing at this address."))
    return found


def _confirm(desk: Desk, note: str) -> Subscription:
    look = look_of(note)
    return change_plan(
        actor=desk.actor,
        tenant_id=current_tenant().id,
        plan_code=look.plan_code,
        interval=look.interval,
        add_ons=look.add_ons,
        revision=look.revision,
        prorated_at=look.prorated_at,
    )


def _words(subscription: Subscription) -> str:
    if subscription.planned:
        return _("Noted. Until then everything stays as it is.")
    return _("Done: it is yours from now on.")


def _page(request: HttpRequest, desk: Desk, *, refused: ConfirmChangeForm | None = None, status: int = 200) -> HttpResponse:
    standing = standing_here(desk)
    form = _form(request, standing)
    choice = None
    if form.is_bound and form.is_valid():
        choice = look_at(
            desk.actor,
            standing,
            plan_code=form.cleaned_data["plan"],
            interval=Interval(form.cleaned_data["interval"]),
            add_ons=form.add_ons,
            asks_stripe="show" in request.GET and refused is None,
        )
    context = {
        "desk": desk,
        "section": "plan",
        "standing": standing,
        "form": form,
        "choice": choice,
        "refused": refused,
        "is_billed": is_billed(),
        "look_again": f"{request.path}?{_query(request)}",
    }
    return render_page(request, "backoffice/plan_change.html", context, partial="cost", status=status)


def _query(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked["show"] = "1"
    return asked.urlencode()


def choices_of(standing: OwnerStanding) -> dict[str, Any]:  # Any: the form's own keywords
    """The plans and add-ons that can be chosen, for the form."""
    held = holding_of(standing.subscription)
    currency = standing.subscription.currency
    return {
        "cards": [
            (offer.plan.code, _card(offer, currency, is_own=offer.plan.code == held.plan_code))
            for offer in plans_to_choose(held.plan_code, held.plan_version)
        ],
        "add_ons": [(offer.plan.code, called_here(offer), _hint(offer, currency)) for offer in offers_here(PlanKind.ADD_ON)],
        "held": {code: quantity for code, (_number, quantity) in held.add_ons.items()},
    }


def _form(request: HttpRequest, standing: OwnerStanding) -> ChoosePlanForm:
    held, choices = holding_of(standing.subscription), choices_of(standing)
    if "plan" not in request.GET:
        return ChoosePlanForm(initial={"plan": held.plan_code, "interval": held.interval}, **choices)
    # A link names a plan only: the add-ons stay as they are.
    asked = {f"number_{code}": str(choices["held"].get(code, 0)) for code, *_words_of in choices["add_ons"]}
    asked |= request.GET.dict()
    return ChoosePlanForm({"interval": held.interval.value} | asked, **choices)


def _card(offer: Offer, currency: str, *, is_own: bool) -> Card:
    by_month = _price(offer.contents.price(currency, Interval.MONTH))
    by_year = _price(offer.contents.price(currency, Interval.YEAR))
    text = _("%(month)s a month, or %(year)s a year") % {"month": by_month, "year": by_year}
    return Card(title=offer.plan.name, text=text, badge=_("Yours") if is_own else "")


def _hint(offer: Offer, currency: str) -> str:
    price = _price(price_of(offer.contents, currency, Interval.MONTH))
    return _("%(what)s. %(price)s a month each.") % {"what": offer.plan.tagline, "price": price}


def _price(price: Money | None) -> str:
    return "–" if price is None else money_text(price, current_locale(), short=True)
