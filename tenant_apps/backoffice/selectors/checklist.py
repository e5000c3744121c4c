"""Getting started: what is still missing before the first booking can come."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.actor import Actor
from tenant_apps.availability.selectors import get_weekly_hours
from tenant_apps.backoffice.permissions import EDIT_SETTINGS
from tenant_apps.backoffice.types import CheckItem, Checklist
from tenant_apps.catalog.selectors import category_choices
from tenant_apps.catalog.types import ServiceCard
from tenant_apps.providers.selectors import providers_for_staff
from tenant_apps.providers.types import ProviderProfile
from tenant_apps.storefront.selectors import words_of
from tenants.scope import current_tenant


def checklist_for(actor: Actor, own: ProviderProfile | None, services: Sequence[ServiceCard]) -> Checklist:
    """The marketplace's steps for who runs it, a provider's own for the others. At most two queries."""
    if actor.can(EDIT_SETTINGS):
        return Checklist(_of_marketplace(actor, services))
    return Checklist([] if own is None else _of_provider(own, services))


def _of_marketplace(actor: Actor, services: Sequence[ServiceCard]) -> list[CheckItem]:
    tenant = current_tenant()
    words = words_of(tenant)
    has_look = bool(tenant.theme_tokens.get("brand") and tenant.content.get("tagline"))
    has_people = bool(providers_for_staff(actor=actor, limit=1).rows)
    is_selling = any(card.is_bookable for card in services)
    return [
        CheckItem(_("Say in one line what you offer, in your colour"), reverse("backoffice_settings"), has_look),
        CheckItem(_("Set up categories"), reverse("backoffice_categories"), bool(category_choices())),
        CheckItem(
            _("Invite the first %(provider)s") % {"provider": words.provider}, reverse("backoffice_providers"), has_people
        ),
        CheckItem(
            _("Put the first %(service)s on sale") % {"service": words.service}, reverse("backoffice_services"), is_selling
        ),
    ]


def _of_provider(own: ProviderProfile, services: Sequence[ServiceCard]) -> list[CheckItem]:
    args = [own.public_id]
    profile = reverse("backoffice_provider", args=args)
    is_selling = any(card.is_live for card in services)
    return [
        CheckItem(_("Say who you are"), profile, bool(own.headline and own.bio)),
        CheckItem(_("Add your picture"), profile, own.logo is not None),
        CheckItem(_("Set your weekly hours"), reverse("backoffice_hours", args=args), bool(get_weekly_hours(provider=own))),
        CheckItem(_("Put something on sale"), reverse("backoffice_services"), is_selling),
        CheckItem(_("Publish your page"), profile, own.is_live),
    ]
