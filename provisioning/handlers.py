"""What follows when a marketplace has opened; in its own scope."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from provisioning.events import OrganizationLive
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Action, Letter, Template
from tenants.scope import current_tenant
from themes.publishing import publish_theme


def publish_first_look(event: OrganizationLive) -> None:
    """Write the stylesheet and the brand's pictures as files (half a second). Twice: the same files again."""
    del event
    publish_theme()


def write_to_owner(event: OrganizationLive) -> None:
    """Send the owner the addresses of their marketplace and the way in. Twice: one letter."""
    tenant = current_tenant()
    with translation.override(tenant.language):
        letter = _letter()
    send_mail(key=f"{event.event_type}:{event.tenant_id}", to=event.owner_email, letter=letter, language=tenant.language)


def _letter() -> Letter:
    tenant = current_tenant()
    return Letter(
        template=Template.ORGANIZATION_LIVE,
        subject=_("%(market)s is open") % {"market": tenant.name},
        preheader=_("Your marketplace is live at %(host)s.") % {"host": tenant.primary_host},
        status=_("Live"),
        tone="ok",
        heading=_("Your marketplace is open"),
        paragraphs=(
            _("%(market)s is live at %(address)s. Share the address: whoever has it can look around and book.")
            % {"market": tenant.name, "address": tenant.base_url},
            _("Next, invite the people whose time can be booked. They set their own hours and services."),
        ),
        button=Action(_("Manage your marketplace"), _on_platform("entry_walk", tenant.slug)),
        # Whoever has read this mail may choose the password of the account it belongs to.
        links=(Action(_("Choose a password"), _on_platform("account_reset_password")),),
        footnote=_("The first days are free. We will write to you before they end."),
    )


def _on_platform(name: str, *arguments: str) -> str:
    path = reverse(name, urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=arguments)
    return f"{settings.PLATFORM_URL}{path}"
