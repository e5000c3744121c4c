"""One profile, by address, by link or for its editor."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.ids import parse_public_id
from tenant_apps.providers.errors import ProviderNotFound
from tenant_apps.providers.models import Provider
from tenant_apps.providers.permissions import own_condition
from tenant_apps.providers.rules.profile import missing_for_publication
from tenant_apps.providers.selectors.shapes import profile_of
from tenant_apps.providers.types import PUBLIC_ID_PREFIX, ProviderProfile


def profile_at(slug: str, *, actor: Actor) -> ProviderProfile:
    """The profile at this address.

    Raises:
        ProviderNotFound: there is none that the actor may see.
    """
    return _found(Provider.objects.visible_to(actor).filter(slug=slug).first())


def profile_behind_link(public_id: str, *, actor: Actor) -> ProviderProfile:
    """The profile that a short link or a printed code names; the link stays good when the address changes.

    Raises:
        ProviderNotFound: there is none that the actor may see.
    """
    try:
        provider_id = parse_public_id(PUBLIC_ID_PREFIX, public_id)
    except Invalid as error:
        raise _not_found() from error
    return _found(Provider.objects.visible_to(actor).filter(public_id=provider_id).first())


def own_profile(actor: Actor) -> ProviderProfile | None:
    """The actor's own profile, or None for somebody who offers nothing."""
    provider = Provider.objects.filter(own_condition(actor, "user_id")).first()
    return None if provider is None else profile_of(provider)


def profile_for_staff(provider_id: UUID, *, actor: Actor) -> ProviderProfile:
    """A profile that the actor may work on.

    Raises:
        ProviderNotFound: it is somebody else's, or nobody's.
    """
    return _found(Provider.objects.editable_by(actor).filter(public_id=provider_id).first())


def missing_to_publish(profile: ProviderProfile) -> str | None:
    """The first field of the profile that visitors need and that is empty; what `publish_profile` would blame."""
    return missing_for_publication(display_name=profile.name, headline=profile.headline)


def _found(provider: Provider | None) -> ProviderProfile:
    if provider is None:
        raise _not_found()
    return profile_of(provider)


def _not_found() -> ProviderNotFound:
    return ProviderNotFound(_("There is no such profile."))
