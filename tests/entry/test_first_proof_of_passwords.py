"""Whose password the first proof of the address takes away in a marketplace, whichever of the two hears of it first."""

import pytest

from shared_apps.accounts.events import PersonProved
from shared_apps.accounts.models import User
from shared_apps.accounts.services import mark_email_verified, set_password
from tenants.scope import platform_scope, tenant_scope
from tests.entry.founders import founder_browser, marketplaces_hear_of, walked_in
from tests.factories.people import is_signed_in

pytestmark = pytest.mark.proves("isolation.replay")

PASSWORD = "a walk by moonlight"


def _chosen_here(founder: User, tenant) -> None:
    with tenant_scope(tenant):
        set_password(user=User.objects.get(email=founder.email), password=PASSWORD)


def _has_password(founder: User, tenant) -> bool:
    with tenant_scope(tenant):
        return User.objects.get(email=founder.email).has_usable_password()


def test_a_founders_password_goes_though_the_owner_never_walks_in(founder, alpha):
    walked_in(founder_browser(founder), alpha)
    _chosen_here(founder, alpha)

    marketplaces_hear_of(PersonProved(user_id=founder.pk, is_first=True))

    assert not _has_password(founder, alpha)


def test_who_had_proved_the_address_in_the_marketplace_keeps_the_password_chosen_there(founder, alpha):
    _chosen_here(founder, alpha)
    with tenant_scope(alpha):
        mark_email_verified(user=User.objects.get(email=founder.email))

    marketplaces_hear_of(PersonProved(user_id=founder.pk, is_first=True))

    assert _has_password(founder, alpha)


def test_a_stranger_leaves_when_the_owner_walks_in_though_the_marketplace_never_hears_of_it(founder, alpha, platform_client):
    mallory = walked_in(founder_browser(founder), alpha)
    _chosen_here(founder, alpha)
    with platform_scope(reason="test"):
        mark_email_verified(user=founder)
        platform_client.force_login(founder)

    owner = walked_in(platform_client, alpha)

    assert (is_signed_in(owner), is_signed_in(mallory)) == (True, False)
    assert not _has_password(founder, alpha)
