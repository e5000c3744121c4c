"""The marketplace's own words: a tutor market says "tutors" and "sessions" where another says "cleaners" and "visits"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenants.context import TenantContext


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
    own: Mapping[str, str] = tenant.vocabulary
    return Words(
        provider=own.get("provider") or _("provider"),
        providers=own.get("providers") or _("providers"),
        service=own.get("service") or _("service"),
        services=own.get("services") or _("services"),
        booking=own.get("booking") or _("booking"),
        bookings=own.get("bookings") or _("bookings"),
    )
