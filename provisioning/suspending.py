"""Letters to the owners of an organization that an operator took out of service, or put back: why, and whom to ask.

They leave from the platform's side: what is the organization's own waits while it is suspended, and these must not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from shared_apps.console.events import OrganizationResumed, OrganizationSuspended
from shared_apps.entry.selectors import suspension_of
from shared_apps.operators.selectors import contact_of_platform
from tenant_apps.members.selectors import owners
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Action, Letter, Template
from tenants.context import TenantContext
from tenants.errors import TenantNotServed
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from tenants.types import WITHDRAWN, TenantStatus


def write_to_owners_of_suspended(event: OrganizationSuspended) -> None:
    """Tell each owner, with the operator's words for them, unless it is in service again. Twice: one letter each."""
    tenant = context_for(event.organization_id)
    if tenant is None or tenant.status != TenantStatus.SUSPENDED:
        return
    with platform_scope(reason="why it is suspended"):
        suspension = suspension_of(tenant.id)
    words = suspension.words if suspension else ""
    _write_to_owners(tenant, lambda: _letter_of_suspension(tenant, words), key=_key("suspended", event.at))


def write_to_owners_of_resumed(event: OrganizationResumed) -> None:
    """Tell each owner that it is in service again, unless it is out of it once more. Twice: one letter each.

    Raises:
        TenantNotServed: it is in quarantine, as it was before; they hear when its pages are really there.
    """
    tenant = context_for(event.organization_id)
    if tenant is None or tenant.status in WITHDRAWN:
        return
    if tenant.status != TenantStatus.ACTIVE:
        raise TenantNotServed(f"{tenant.id} is resumed, and not served yet")
    _write_to_owners(tenant, lambda: _letter_of_return(tenant), key=_key("resumed", event.at))


def _write_to_owners(tenant: TenantContext, letter: Callable[[], Letter], *, key: str) -> None:
    with tenant_scope(tenant):
        for owner in owners():
            language = owner.language or tenant.language
            with translation.override(language):
                drawn = letter()
            mail = f"{key}:{owner.public_id}"
            # The platform answers here, not the organization whose letter this looks like.
            send_mail(key=mail, to=owner.email, letter=drawn, language=language, reply_to=contact_of_platform())


def _key(act: str, at: datetime) -> str:
    return f"{act}:{at:%Y%m%d%H%M%S%f}"


def _letter_of_suspension(tenant: TenantContext, words: str) -> Letter:
    facts = {"market": tenant.name, "contact": contact_of_platform()}
    path = reverse("entry_standing", urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=[tenant.slug])
    return Letter(
        template=Template.ORGANIZATION_SUSPENDED,
        subject=_("%(market)s is suspended") % facts,
        preheader=_("Its pages are not served for now. Nothing is lost.") % facts,
        status=_("Suspended"),
        tone="warn",
        heading=_("%(market)s is suspended") % facts,
        paragraphs=(
            _("The platform's operator has taken it out of service: its pages answer that it is closed for now.") % facts,
            _("Nothing is lost: people, bookings and pictures are kept, and are there again when it comes back."),
            _("To learn what is needed for that, answer this letter, or write to %(contact)s.") % facts,
        ),
        quote=words,
        button=Action(_("See how it stands"), settings.PLATFORM_URL + path),
    )


def _letter_of_return(tenant: TenantContext) -> Letter:
    facts = {"market": tenant.name, "address": tenant.base_url}
    return Letter(
        template=Template.ORGANIZATION_RESUMED,
        subject=_("%(market)s is back in service") % facts,
        preheader=_("Its pages are served again, as they were."),
        status=_("In service"),
        tone="ok",
        heading=_("%(market)s is back in service") % facts,
        paragraphs=(_("%(address)s is served again, as it was, and what waited to be done is being done.") % facts,),
        button=Action(_("Manage your marketplace"), f"{tenant.base_url}/enter/"),
    )
