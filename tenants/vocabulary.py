"""The marketplace's own words: a tutor market says "tutors" and "sessions" where another says "cleaners" and "visits"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tenants.context import TenantContext
from tenants.scope import current_scope


@dataclass(frozen=True, slots=True)
class Words:
    """The nouns of one marketplace, one and many, as they stand inside a sentence. Headings use `|capfirst`."""

    provider: str
    providers: str
    service: str
    services: str
    booking: str
    bookings: str


def words_of(tenant: TenantContext) -> Words:
    """The tenant's vocabulary over ours, in the active language."""
    return _over_ours(tenant.vocabulary)


def current_words() -> Words:
    """The words of the marketplace whose scope this is; ours on the platform."""
    scope = current_scope()
    return words_of(scope) if isinstance(scope, TenantContext) else _over_ours({})


def _over_ours(own: Mapping[str, str]) -> Words:
    return Words(
        provider=own.get("provider") or _("provider"),
        providers=own.get("providers") or _("providers"),
        service=own.get("service") or _("service"),
        services=own.get("services") or _("services"),
        booking=own.get("booking") or _("booking"),
        bookings=own.get("bookings") or _("bookings"),
    )


def _title(name: str) -> str:
    return str(capfirst(getattr(current_words(), name)))


lazy_title = lazy(_title, str)
"""`lazy_title("provider")`: the noun as a label ("Tutor"), looked up where it is shown; for what is written down once for
all marketplaces, such as the choices of a field."""
