"""The plan's number of live profiles, also when two publish at the same moment."""

from dataclasses import replace

import pytest

from shared_apps.plans.errors import LimitReached
from tenant_apps.providers import services
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus
from tenants.scope import tenant_scope
from tests.factories.market import make_provider, owner


@pytest.fixture
def in_small_alpha(alpha):
    with tenant_scope(replace(alpha, entitlements={"max_providers": 1})) as context:
        yield context


@pytest.mark.usefixtures("in_small_alpha")
def test_one_profile_too_many_is_not_published():
    make_provider()
    draft = make_provider(status=ProviderStatus.DRAFT)

    with pytest.raises(LimitReached):
        services.publish_profile(actor=owner(), provider_id=draft.public_id)

    draft.refresh_from_db()
    assert draft.status == ProviderStatus.DRAFT


@pytest.mark.usefixtures("in_small_alpha")
def test_a_live_profile_may_be_published_again_in_a_full_plan():
    provider = make_provider()

    assert services.publish_profile(actor=owner(), provider_id=provider.public_id).is_live


@pytest.mark.usefixtures("in_small_alpha")
def test_pausing_one_makes_room_for_another():
    first, second = make_provider(), make_provider(status=ProviderStatus.DRAFT)
    services.pause_profile(actor=owner(), provider_id=first.public_id)

    services.publish_profile(actor=owner(), provider_id=second.public_id)

    assert list(Provider.objects.all().listed().values_list("pk", flat=True)) == [second.pk]
