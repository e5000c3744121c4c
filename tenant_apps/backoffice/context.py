"""What surrounds every page under `/manage/`, whichever app it belongs to: the sidebar as the actor may use it."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kernel.actor import Actor
from tenant_apps.backoffice.permissions import ENTER
from tenant_apps.backoffice.selectors.today import day_in, zone_of
from tenant_apps.bookings.selectors import count_bookings_for
from tenant_apps.bookings.types import BookingCounts
from tenant_apps.providers.permissions import VIEW as VIEW_PROVIDERS
from tenant_apps.providers.selectors import own_profile
from tenant_apps.providers.types import ProviderProfile
from tenant_apps.storefront.selectors import Words, words_of
from tenants.context import TenantContext
from tenants.scope import current_tenant
from webui.nav import Account, NavGroup, NavItem

_ROOT = "/manage/"


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor: two queries on pages for staff, nothing anywhere else.

    Stands behind the storefront's, whose navigation it replaces.
    """
    if not request.path.startswith(_ROOT) or not isinstance(getattr(request, "tenant", None), TenantContext):
        return {}
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]  # set by members' middleware
    if not actor.can(ENTER):
        return {}
    own = own_profile(actor)
    zone = zone_of(own)
    counts = count_bookings_for(actor=actor, day=day_in(zone))
    return {
        "own": own,
        "counts": counts,
        "zone": zone,
        "nav": navigation(request.path, actor, own, counts),
        "account": _account(request, own),
        "brand_url": reverse("backoffice_home"),
    }


def navigation(path: str, actor: Actor, own: ProviderProfile | None, counts: BookingCounts) -> list[NavGroup]:
    """The sidebar: what everybody here uses, what is one's own, what belongs to the marketplace."""
    words = words_of(current_tenant())
    groups = [NavGroup("", _everyday(path, words, counts)), NavGroup(_("My page"), _own(path, own))]
    if actor.can(VIEW_PROVIDERS):
        groups.append(NavGroup(_("Marketplace"), _marketplace(path, actor, words)))
    return [group for group in groups if group.items]


def _everyday(path: str, words: Words, counts: BookingCounts) -> tuple[NavItem, ...]:
    home = reverse("backoffice_home")
    bookings = reverse("backoffice_bookings")
    return (
        NavItem(_("Home"), home, "layout-dashboard", is_current=path == home, in_tabbar=True),
        _item(path, _("Calendar"), reverse("backoffice_calendar"), "calendar", in_tabbar=True),
        NavItem(
            capfirst(words.bookings),
            bookings,
            "inbox",
            count=counts.waiting,
            is_current=path.startswith(bookings),
            in_tabbar=True,
        ),
        _item(path, capfirst(words.services), reverse("backoffice_services"), "list", in_tabbar=True),
    )


def _own(path: str, own: ProviderProfile | None) -> tuple[NavItem, ...]:
    if own is None:
        return ()
    args = [own.public_id]
    profile = reverse("backoffice_provider", args=args)
    return (
        NavItem(_("Profile"), profile, "user", is_current=path == profile),
        _item(path, _("Hours"), reverse("backoffice_hours", args=args), "calendar-clock"),
        _item(path, _("Share"), reverse("backoffice_share", args=args), "qr-code"),
    )


def _marketplace(path: str, actor: Actor, words: Words) -> tuple[NavItem, ...]:
    providers = reverse("backoffice_providers")
    places = [
        ("providers.view_all", NavItem(capfirst(words.providers), providers, "users", is_current=path == providers)),
        ("categories.edit", _item(path, _("Categories"), reverse("backoffice_categories"), "shapes")),
        ("members.view", _item(path, _("Team"), reverse("members_team"), "user-check")),
        ("settings.edit", _item(path, _("Settings"), reverse("backoffice_settings"), "settings")),
    ]
    return tuple(item for capability, item in places if actor.can(capability))


def _item(path: str, label: str, url: str, icon: str, *, in_tabbar: bool = False) -> NavItem:
    return NavItem(label, url, icon, is_current=path.startswith(url), in_tabbar=in_tabbar)


def _account(request: HttpRequest, own: ProviderProfile | None) -> Account:
    person = request.user
    assert person.is_authenticated  # behind `staff_page`
    return Account(
        label=own.name if own else person.name,
        detail=person.email,
        url=reverse("accounts_profile"),
        sign_out_url=reverse("account_logout"),
    )
