"""Letters about paying go out: to each owner in their language, and to whoever else is told of what is billed; each once.

In the organization's scope, which is entered here: what is its own waits while it is suspended, and these letters must not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from kernel.emails import find_email
from shared_apps.operators.selectors import contact_of_platform
from tenant_apps.bookings.selectors.phrases import locale_here
from tenant_apps.members.selectors import owners
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Letter
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tenants.types import TenantStatus
from webui.formats import day_text


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who gets a letter; `key` makes it one letter."""

    key: str
    email: str
    language: str
    is_owner: bool


def addressee(tenant_id: UUID) -> TenantContext | None:
    """The organization that is written to. None of one that has closed: its owners were told of that, and of their data."""
    tenant = context_for(tenant_id)
    return None if tenant is None or tenant.status in (TenantStatus.CLOSING, TenantStatus.ERASED) else tenant


def send_to_owners(tenant: TenantContext, contacts: Iterable[str], draw: Callable[[bool], Letter | None], *, key: str) -> None:
    """Send what `draw` makes, in each reader's language, told whether it is for an owner. Twice: one letter each."""
    with tenant_scope(tenant):
        for person in _readers(tenant, contacts):
            with translation.override(person.language):
                letter = draw(person.is_owner)
            if letter is not None:
                mail, answers_to = f"{key}:{person.key}", contact_of_platform()
                # The platform answers here, not the organization whose letter this looks like.
                send_mail(key=mail, to=person.email, letter=letter, language=person.language, reply_to=answers_to)


def day_there(tenant: TenantContext, moment: datetime | None) -> str:
    """The day of a moment on the organization's clock, in the reader's language; empty for none."""
    return "" if moment is None else day_text(moment.astimezone(ZoneInfo(tenant.time_zone)).date(), locale_here(), "yMMMMd")


def standing_url(tenant: TenantContext) -> str:
    """The platform's page of a marketplace whose own pages are closed."""
    return settings.PLATFORM_URL + reverse("entry_standing", args=[tenant.slug], urlconf=settings.PUBLIC_SCHEMA_URLCONF)


def _readers(tenant: TenantContext, contacts: Iterable[str]) -> Iterator[Reader]:
    """The owners, and whoever else is to be told of what is billed; nobody twice."""
    told = set()
    for owner in owners():
        told.add(find_email(owner.email))
        yield Reader(str(owner.public_id), owner.email, owner.language or tenant.language, is_owner=True)
    for contact in contacts:
        email = find_email(contact)
        if email is not None and email not in told:
            told.add(email)
            yield Reader(sha256(email.encode()).hexdigest()[:32], email, tenant.language, is_owner=False)
