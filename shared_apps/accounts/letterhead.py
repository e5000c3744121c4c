"""Under which name, from which address and with which links a scope writes to people."""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from tenants.context import TenantContext
from tenants.scope import require_scope


def site_name() -> str:
    """The marketplace's name, or the platform's."""
    scope = require_scope()
    return scope.name if isinstance(scope, TenantContext) else parseaddr(settings.DEFAULT_FROM_EMAIL)[0]


def sender() -> str:
    """The From line: the platform's address, which our mail servers may use, under the scope's own name."""
    # A line break in a name would start a header of its own; Django refuses it, so a name that has one is flattened.
    name = " ".join(site_name().split())
    return formataddr((name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def reply_to() -> list[str]:
    """Whom answers reach: the address that the organization chose, for the From line is a machine's; nobody without one.

    Never an owner's own: anybody may have such a mail sent to themselves. On the platform the From line's address.
    """
    # Who runs a marketplace is known above this app, so settings name the function.
    contact = str(import_string(settings.CONTACT_IN_TENANT)()) if isinstance(require_scope(), TenantContext) else ""
    return [contact] if contact else []


def base_url() -> str:
    """Scheme, host and port of the scope's own site."""
    scope = require_scope()
    return scope.base_url if isinstance(scope, TenantContext) else str(settings.PLATFORM_URL)


def at_home(url: str) -> str:
    """`url` on the scope's own site, whatever host it names: links in mails are never made of a request's Host (R50)."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{base_url()}{parts.path}{query}"
