"""The narrow door of a marketplace that is suspended for billing: what is booked can be seen and called off, and no more.

Which addresses are behind it stands in `settings.OPEN_WHILE_AJAR`, by name, each with the methods that are answered.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from tenants.context import TenantContext


def is_let_through(tenant: TenantContext, request: HttpRequest) -> bool:
    """Whether this is asked of a marketplace that is ajar, at an address behind its narrow door."""
    if not tenant.is_ajar:
        return False
    try:
        name = resolve(request.path_info, urlconf=settings.ROOT_URLCONF).view_name
    except Resolver404:
        return False
    return request.method in settings.OPEN_WHILE_AJAR.get(name, ())


def way_in(tenant: TenantContext) -> str:
    """Where somebody who has booked something finds it; empty where there is no door."""
    return reverse(settings.AJAR_WAY_IN, urlconf=settings.ROOT_URLCONF) if tenant.is_ajar else ""
