"""What owners are told of what they are billed for: that a trial ends, what was changed or is planned, that it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from provisioning.billing_post import addressee, day_there, send_to_owners
from shared_apps.billing.events import TermsChanged, TrialReminded
from shared_apps.billing.selectors import Bought, SubscriptionNews, subscription_news
from shared_apps.billing.types import State, TermsAct
from shared_apps.plans.types import Interval
from tenant_apps.bookings.selectors.phrases import locale_here
from tenant_apps.notifications.types import Action, Letter, Row, Template, Tone
from tenants.context import TenantContext
from webui.formats import money_text


@dataclass(frozen=True, slots=True)
class _Words:
    """What a letter says, and about what of it the rows are."""

    tone: Tone
    heading: str
    text: str
    about: Bought | None
    button: str


def write_of_trial(event: TrialReminded) -> None:
    """Tell that the trial ends, while that is still true: how it goes on, or what to do about it. Twice: one letter each."""
    news = subscription_news(event.subscription_id)
    tenant = addressee(news.subscription.tenant_id) if news else None
    if news is None or tenant is None or not _ends_still(news, event):
        return

    def draw(is_owner: bool) -> Letter:  # noqa: FBT001  # the one thing that is asked of a reader
        is_paid_for = bool(news.subscription.stripe_id)
        words = _of_paid_trial(tenant, news) if is_paid_for else _of_trial(tenant, news)
        page = "backoffice:plan" if is_paid_for else "backoffice:plan_change"
        return _letter(tenant, Template.TRIAL_ENDS, str(State.TRIALING.label), words, page=page if is_owner else "")

    key = f"trial:{event.subscription_id.hex}:{int(event.trial_ends_at.timestamp())}"
    send_to_owners(tenant, news.contacts, draw, key=key)


def write_of_terms(event: TermsChanged) -> None:
    """Tell what has changed, while it is still so. Twice: one letter each."""
    news = subscription_news(event.subscription_id)
    tenant = addressee(news.subscription.tenant_id) if news else None
    if news is None or tenant is None or not _is_so(news, event.act):
        return

    def draw(is_owner: bool) -> Letter:  # noqa: FBT001  # as above
        words = _of_act(tenant, news, event.act)
        status = _("Plan and payment")
        return _letter(tenant, Template.TERMS_CHANGED, status, words, page="backoffice:plan" if is_owner else "")

    key = f"terms:{event.subscription_id.hex}:{event.revision}:{event.act}"
    send_to_owners(tenant, news.contacts, draw, key=key)


def _ends_still(news: SubscriptionNews, event: TrialReminded) -> bool:
    subscription = news.subscription
    is_trial = subscription.state == State.TRIALING and subscription.cancel_at is None
    return is_trial and subscription.trial_ends_at == event.trial_ends_at


def _is_so(news: SubscriptionNews, act: TermsAct) -> bool:
    subscription = news.subscription
    if subscription.state == State.CANCELLED:
        return False
    match act:
        case TermsAct.CANCELLED:
            return subscription.cancel_at is not None
        case TermsAct.TAKEN_BACK:
            return subscription.cancel_at is None
        case TermsAct.PLANNED:
            return news.later is not None
        case TermsAct.KEPT:
            return news.later is None
        case TermsAct.CHANGED:
            return True


def _of_trial(tenant: TenantContext, news: SubscriptionNews) -> _Words:
    heading = _("The trial of %(market)s ends on %(day)s") % _names(tenant, news)
    text = _(
        "Choose how to pay by then, and nothing changes for your customers. Without it everything works for two more weeks;"
        " after that they see a page that says it is closed for now. Your data are kept."
    )
    return _Words("warn", heading, text, news.now, _("Choose how to pay"))


def _of_paid_trial(tenant: TenantContext, news: SubscriptionNews) -> _Words:
    heading = _("The trial of %(market)s ends on %(day)s") % _names(tenant, news)
    text = _("Then it is charged to the card that you have left. Until then you can cancel at no cost.")
    return _Words("brand", heading, text, news.now, _("See plan and payment"))


def _of_act(tenant: TenantContext, news: SubscriptionNews, act: TermsAct) -> _Words:
    names = _names(tenant, news)
    match act:
        case TermsAct.CANCELLED:
            heading = _("The subscription of %(market)s ends on %(end)s") % names
            text = _(
                "Everything works until then, and nothing more is charged. After that your customers see a page that says it is"
                " closed for now; your data are kept. Until that day you can take it back."
            )
            return _Words("warn", heading, text, None, _("Take the cancellation back"))
        case TermsAct.TAKEN_BACK:
            heading = _("The subscription of %(market)s goes on") % names
            return _Words("ok", heading, _("The cancellation is taken back. There is nothing to do."), news.now, _see())
        case TermsAct.PLANNED:
            heading = _("%(market)s changes to “%(later)s” on %(later_day)s") % names
            text = _(
                "Until then everything stays as it is, and nothing is charged for the change. You can take it back by then."
            )
            return _Words("brand", heading, text, news.later, _see())
        case TermsAct.KEPT:
            heading = _("%(market)s stays on “%(plan)s”") % names
            return _Words("ok", heading, _("The change that was planned is taken back."), news.now, _see())
        case TermsAct.CHANGED:
            heading = _("%(market)s is on “%(plan)s” from now on") % names
            text = _("What was charged for the change, or is kept as credit, stands on its invoice; you get a receipt.")
            in_trial = _("Nothing was charged: the trial goes on.")
            is_free = news.subscription.state == State.TRIALING
            return _Words("ok", heading, in_trial if is_free else text, news.now, _see())


def _see() -> str:
    return _("See plan and payment")


def _names(tenant: TenantContext, news: SubscriptionNews) -> Mapping[str, str]:
    return {
        "market": tenant.name,
        "plan": news.now.plan,
        "later": news.later.plan if news.later else "",
        "later_day": day_there(tenant, news.later_at),
        "day": day_there(tenant, news.subscription.trial_ends_at),
        "end": day_there(tenant, news.subscription.cancel_at),
    }


def _letter(tenant: TenantContext, template: Template, status: str, words: _Words, *, page: str) -> Letter:
    return Letter(
        template=template,
        subject=words.heading,
        preheader=words.text,
        status=status,
        tone=words.tone,
        heading=words.heading,
        paragraphs=(words.text,),
        rows=_rows(words.about) if words.about else (),
        # Who is no member has nothing to open.
        button=Action(words.button, tenant.base_url + reverse(page)) if page else None,
    )


def _rows(bought: Bought) -> tuple[Row, ...]:
    rows = [Row(_("Plan"), bought.plan), *(Row(name, str(quantity)) for name, quantity in bought.add_ons)]
    if bought.cost is not None:
        label = _("Each year") if bought.interval is Interval.YEAR else _("Each month")
        rows.append(Row(label, _before_tax(money_text(bought.cost, locale_here())), is_total=True))
    return tuple(rows)


def _before_tax(amount: str) -> str:
    return _("%(amount)s, before discounts, credit and tax") % {"amount": amount}
