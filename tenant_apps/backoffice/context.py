"""Context processor: the sidebar of every page below /manage/, those of other apps included."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.actor import Actor
from shared_apps.billing.selectors import MANAGE, billing_now
from shared_apps.billing.services import is_billed
from tenant_apps.backoffice.rules.paying import is_worth_saying, payment_words
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import desk_at
from tenant_apps.bookings.selectors.staff import waiting_count
from tenants.context import TenantContext
from tenants.scope import current_tenant
from tenants.types import PaymentNotice
from tenants.vocabulary import lazy_title
from webui.nav import Account, NavGroup, NavItem, NoticeBar


def chrome(request: HttpRequest) -> dict[str, object]:
    """Nothing outside /manage/; there, navigation and account, asked of the database only where a layout draws them."""
    if getattr(request, "tenant", None) is None or not request.path.startswith("/manage/"):
        return {}
    return {
        "nav": SimpleLazyObject(lambda: _navigation(request)),
        "account": SimpleLazyObject(lambda: _account(request)),
        "notice_bar": SimpleLazyObject(lambda: _notice_bar(request)),
        "brand_url": reverse("backoffice:home"),
        "storefront_url": "/",
    }


def _navigation(request: HttpRequest) -> list[NavGroup]:
    desk = desk_at(request)
    if not desk.actor.can("backoffice.enter"):
        return []
    groups = [
        NavGroup("", _work(request, desk)),
        NavGroup(_("My page"), _own_page(request, desk)),
        NavGroup(_("Marketplace"), _marketplace(request, desk)),
    ]
    return [group for group in groups if group.items]


def _work(request: HttpRequest, desk: Desk) -> tuple[NavItem, ...]:
    home, calendar, bookings = (reverse(f"backoffice:{name}") for name in ("home", "calendar", "bookings"))
    waiting = waiting_count(actor=desk.actor, now=clock.now())
    return (
        NavItem(_("Home"), home, "layout-dashboard", is_current=request.path == home, in_tabbar=True),
        NavItem(_("Calendar"), calendar, "calendar", is_current=_is_at(request, calendar), in_tabbar=True),
        NavItem(_("Bookings"), bookings, "inbox", waiting, is_current=_is_at(request, bookings), in_tabbar=True),
    )


def _own_page(request: HttpRequest, desk: Desk) -> tuple[NavItem, ...]:
    if desk.own is None:
        return ()
    places = (
        ("profile", _("Profile"), "user-round", False),
        ("services", _("Services"), "tag", True),
        ("hours", _("Hours"), "clock", False),
        ("share", _("Share"), "share-2", False),
    )
    return tuple(
        NavItem(label, url, icon, is_current=_is_at(request, url), in_tabbar=in_tabbar)
        for name, label, icon, in_tabbar in places
        for url in (reverse(f"backoffice:{name}", args=[desk.own.public_id]),)
    )


def _marketplace(request: HttpRequest, desk: Desk) -> tuple[NavItem, ...]:
    providers = reverse("backoffice:providers")
    own = f"{providers}{desk.own.public_id}/" if desk.own else None
    is_providers = _is_at(request, providers) and not (own and _is_at(request, own))
    places = (
        ("providers.view_all", NavItem(lazy_title("providers"), providers, "users", is_current=is_providers, in_tabbar=True)),
        ("categories.edit", _item(request, _("Categories"), reverse("backoffice:categories"), "layers")),
        ("availability.edit", _item(request, _("Closed days"), reverse("backoffice:closures"), "calendar-x")),
        ("members.view", _item(request, _("Team"), reverse("members_team"), "shield")),
        ("settings.edit", _item(request, _("Settings"), reverse("backoffice:settings"), "settings")),
    )
    return tuple(item for capability, item in places if desk.actor.can(capability))


def _item(request: HttpRequest, label: str | Promise, url: str, icon: str) -> NavItem:
    return NavItem(label, url, icon, is_current=_is_at(request, url))


def _is_at(request: HttpRequest, url: str) -> bool:
    return request.path.startswith(url)


def _account(request: HttpRequest) -> Account | None:
    if not request.user.is_authenticated:
        return None
    return Account(
        label=str(getattr(request.user, "name", "") or request.user),
        detail=_role_of(desk_at(request).actor),
        url=reverse("accounts_profile"),
        sign_out_url=reverse("account_logout"),
    )


def _notice_bar(request: HttpRequest) -> NoticeBar | None:
    """What has to be paid, for whoever can. From the context of the request: it costs no page a query."""
    tenant = current_tenant()
    if not tenant.payment_notice or not is_billed() or not desk_at(request).actor.can(MANAGE):
        return None
    notice, until, now = PaymentNotice(tenant.payment_notice), tenant.payment_notice_until, billing_now()
    if not is_worth_saying(notice, until, now):
        return None
    is_trial = notice is PaymentNotice.TRIAL
    return NoticeBar(
        name=_("Payment"),
        icon="credit-card",
        text=payment_words(notice, until, tenant.time_zone, now),
        label=_("Choose how to pay") if is_trial else _("Pay now"),
        url=_pay_url(tenant, notice),
        is_urgent=not is_trial,
    )


def _pay_url(tenant: TenantContext, notice: PaymentNotice) -> str:
    """Where it is paid: on the platform while these pages are closed but for what is booked (`tenants.ajar`)."""
    if notice is not PaymentNotice.SUSPENDED:
        return reverse("backoffice:plan_pay")
    return settings.PLATFORM_URL + reverse("entry_standing", args=[tenant.slug], urlconf=settings.PUBLIC_SCHEMA_URLCONF)


def _role_of(actor: Actor) -> str:
    """The widest role in a word, told from what it allows."""
    if actor.can("settings.edit"):
        return str(_("Owner"))
    if actor.can("providers.edit"):
        return str(_("Manager"))
    return str(lazy_title("provider") if actor.can("backoffice.enter") else _("Customer"))
