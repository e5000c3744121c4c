"""The organization's own texts (about, privacy, terms): Markdown in, safe markup out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tenant_apps.storefront.errors import PageNotFound
from tenants.context import TenantContext
from webui.markup import safe_markup

SLUGS: Final = ("about", "privacy", "terms")


@dataclass(frozen=True, slots=True)
class TextPage:
    """A text with its title. `is_empty`: the organization has written nothing yet."""

    slug: str
    title: str
    body: SafeString
    is_empty: bool

    @property
    def url(self) -> str:
        return f"/{self.slug}/"


def text_pages(tenant: TenantContext) -> list[TextPage]:
    """The pages that have something to say, for the footer."""
    return [page for slug in SLUGS if not (page := text_page(tenant, slug)).is_empty]


def text_page(tenant: TenantContext, slug: str) -> TextPage:
    """One page.

    Raises:
        PageNotFound: there is no page of this name.
    """
    if slug not in SLUGS:
        raise PageNotFound(_("There is nothing at this address."))
    stored = tenant.content.get("pages")
    written = stored.get(slug) if isinstance(stored, Mapping) else None
    written = written if isinstance(written, Mapping) else {}
    body = str(written.get("body") or "")
    title = str(written.get("title") or _title(slug))
    return TextPage(slug, title, safe_markup(body), is_empty=not body.strip())


def _title(slug: str) -> str:
    return {"about": _("About us"), "privacy": _("Privacy"), "terms": _("Terms")}[slug]
