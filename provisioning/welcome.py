"""The first letter to an owner: where the marketplace is, and a link to set a password for it."""

from __future__ import annotations

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from provisioning.events import OrganizationLive
from shared_apps.accounts.models import User
from shared_apps.accounts.tokens import ScopedTokenGenerator
from tenant_apps.members.selectors import owner_with_email
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Action, Letter, Template
from tenants.context import TenantContext
from tenants.scope import current_tenant


def welcome_owner(event: OrganizationLive) -> None:
    """Write to the owner of a marketplace that has opened. Twice: one letter, since its key is the tenant's id.

    Nothing is sent to an owner who has a password already, or who is gone by now.
    """
    tenant = current_tenant()
    owner = owner_with_email(event.owner_email)
    if owner is None or owner.has_usable_password():
        return
    with translation.override(tenant.language):
        letter = _letter(tenant, owner)
    send_mail(key=f"{event.event_type}:{tenant.id}", to=event.owner_email, letter=letter, language=tenant.language)


def _letter(tenant: TenantContext, owner: User) -> Letter:
    words = {"market": tenant.name, "address": tenant.base_url}
    return Letter(
        template=Template.OWNER_WELCOMED,
        subject=_("%(market)s is open") % words,
        preheader=_("It stands at %(address)s. Set a password, so that you can come back.") % words,
        status=_("Open"),
        heading=_("%(market)s is open") % words,
        paragraphs=(
            _("Your marketplace stands at %(address)s.") % words,
            _(
                "You are signed in where you started it. Set a password to come in from anywhere else; the link works for an hour."
            ),
            _("Later, “Forgot your password?” on the sign-in page brings a fresh one."),
        ),
        button=Action(_("Set your password"), _link(tenant, owner)),
        footnote=_("If you did not start this marketplace, somebody mistyped an address. You need not do anything."),
    )


def _link(tenant: TenantContext, owner: User) -> str:
    """A link as “Forgot your password?” sends it: it holds in this marketplace only, and dies when it is used."""
    facts = {"uidb36": user_pk_to_url_str(owner), "key": ScopedTokenGenerator().make_token(owner)}
    return tenant.base_url + reverse("account_reset_password_from_key", urlconf=settings.ROOT_URLCONF, kwargs=facts)
