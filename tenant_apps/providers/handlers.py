"""What providers do when people come and go."""

from __future__ import annotations

from dataclasses import replace

from django.contrib.auth import get_user_model

from kernel.actor import Actor
from tenant_apps.members.events import MemberJoined, MemberLeft
from tenant_apps.members.types import Role
from tenant_apps.providers.jobs import WeighPictures
from tenant_apps.providers.models import Provider
from tenant_apps.providers.services import create_provider, pause_profile, weigh_pictures
from tenant_apps.providers.types import ProviderStatus


def create_provider_for_member(event: MemberJoined) -> None:
    """Give a new provider a draft profile to fill in. Twice: the profile is there, nothing changes."""
    if event.role is not Role.PROVIDER:
        return
    person = get_user_model().objects.filter(pk=event.user_id).first()
    if person is None:
        return
    create_provider(actor=Actor.system("member joined"), display_name=person.name, user_id=person.pk)


def pause_provider_of_member(event: MemberLeft) -> None:
    """Take the profile of somebody who is no provider any more off sale; bookings made stand (BOOKING row 9).

    Twice, or after they came back: a profile that is not live is left alone, and they publish it anew themselves.
    """
    if event.role is not Role.PROVIDER:
        return
    provider = Provider.objects.filter(user_id=event.user_id, status=ProviderStatus.LIVE).first()
    if provider is not None:
        pause_profile(actor=Actor.system("member left"), provider_id=provider.public_id)


def weigh_pictures_of_tenant(job: WeighPictures) -> WeighPictures | None:
    """Note what a part of the pictures weighs of which it is not known; what is to follow. Twice: nothing is left to note."""
    rest = weigh_pictures(after=job.after)
    return None if rest is None else replace(job, after=rest)
