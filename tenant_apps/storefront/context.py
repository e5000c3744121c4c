"""What stands in the header and footer of every page on a marketplace's host."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kernel.actor import Actor
from tenant_apps.storefront.selectors import text_pages
from tenant_apps.storefront.types import Link, LinkColumn
from tenants.context import TenantContext
from tenants.vocabulary import words_of
from webui.nav import Account, NavGroup, NavItem


def chrome(request: HttpRequest) -> dict[str, object]:
    """Context processor. No query for a visitor without a session; on the platform's host, nothing.

    Pages that have a navigation of their own (the backoffice) overwrite `nav`, `account` and `brand_url`.
    """
    tenant = getattr(request, "tenant", None)
    if not isinstance(tenant, TenantContext):
        return {}
    return {
        "words": words_of(tenant),
        "brand_url": reverse("storefront_home"),
        "nav": _navigation(request, tenant),
        # Asked of the session only where a template draws a header.
        "account": SimpleLazyObject(lambda: _account(request)),
        "sign_in_url": reverse("account_login"),
        "primary_action": _primary_action(tenant),
        "footer_columns": SimpleLazyObject(lambda: _footer(tenant)),
    }


def _navigation(request: HttpRequest, tenant: TenantContext) -> list[NavGroup]:
    if tenant.is_ajar:
        # These pages are closed: only what is booked can be seen.
        return []
    words = words_of(tenant)
    places = (
        (capfirst(words.services), reverse("storefront_services"), "list"),
        (capfirst(words.providers), reverse("storefront_providers"), "users"),
    )
    items = [NavItem(label, url, icon, is_current=request.path.startswith(url)) for label, url, icon in places]
    if tenant.content.get("steps"):
        items.append(NavItem(_("How it works"), f"{reverse('storefront_home')}#how", "compass"))
    return [NavGroup("", tuple(items))]


def _account(request: HttpRequest) -> Account | None:
    if not request.user.is_authenticated:
        return None
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]  # set by members' middleware
    if actor.can("backoffice.enter"):
        return Account(label=_("Manage"), url="/manage/")
    return Account(label=_("My account"), url="/account/")


def _primary_action(tenant: TenantContext) -> Link | None:
    if tenant.is_ajar:
        return None
    label = tenant.content.get("action")
    return Link(str(label) if label else _("Book now"), reverse("storefront_services"))


def _footer(tenant: TenantContext) -> list[LinkColumn]:
    words = words_of(tenant)
    find = (
        Link(capfirst(words.services), reverse("storefront_services")),
        Link(capfirst(words.providers), reverse("storefront_providers")),
        Link(_("Your booking"), reverse("booking_find")),
    )
    columns = [LinkColumn(_("Find"), find)]
    if texts := tuple(Link(page.title, page.url) for page in text_pages(tenant)):
        columns.append(LinkColumn(tenant.name, texts))
    return columns
