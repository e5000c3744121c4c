"""Profiles come with people, and go off sale with them."""

import pytest

from tenant_apps.members.events import MemberJoined, MemberLeft
from tenant_apps.members.types import Role
from tenant_apps.providers.handlers import create_provider_for_member, pause_provider_of_member
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus
from tests.factories.market import make_provider, make_user

pytestmark = pytest.mark.usefixtures("in_alpha")


def test_a_new_provider_finds_a_draft_profile_however_often_the_news_comes():
    person = make_user()

    for _ in range(2):
        create_provider_for_member(MemberJoined(user_id=person.pk, role=Role.PROVIDER))

    profile = Provider.objects.get()
    assert (profile.user_id, profile.display_name, profile.status) == (person.pk, person.name, ProviderStatus.DRAFT)


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER, Role.CUSTOMER])
def test_other_roles_get_no_profile(role):
    create_provider_for_member(MemberJoined(user_id=make_user().pk, role=role))

    assert not Provider.objects.exists()


def test_news_of_somebody_who_is_gone_by_now_is_forgotten():
    create_provider_for_member(MemberJoined(user_id=10**9, role=Role.PROVIDER))

    assert not Provider.objects.exists()


def test_who_is_no_provider_any_more_goes_off_sale():
    provider = make_provider()

    for _ in range(2):
        pause_provider_of_member(MemberLeft(user_id=provider.user_id, role=Role.PROVIDER))

    provider.refresh_from_db()
    assert provider.status == ProviderStatus.PAUSED


def test_losing_another_role_changes_nothing():
    provider = make_provider()

    pause_provider_of_member(MemberLeft(user_id=provider.user_id, role=Role.MANAGER))

    provider.refresh_from_db()
    assert provider.status == ProviderStatus.LIVE
