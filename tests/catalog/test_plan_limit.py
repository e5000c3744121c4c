"""The plan's number of services on sale."""

from dataclasses import replace

import pytest

from shared_apps.plans.errors import LimitReached
from tenant_apps.catalog import services
from tenant_apps.catalog.types import ServiceStatus
from tenants.scope import tenant_scope
from tests.factories.market import make_service, owner


@pytest.fixture
def in_small_alpha(alpha):
    with tenant_scope(replace(alpha, entitlements={"max_services": 1})) as context:
        yield context


@pytest.mark.usefixtures("in_small_alpha")
def test_one_service_too_many_does_not_go_on_sale():
    make_service()
    draft = make_service(status=ServiceStatus.DRAFT)

    with pytest.raises(LimitReached):
        services.publish_service(actor=owner(), service_id=draft.public_id)

    draft.refresh_from_db()
    assert draft.status == ServiceStatus.DRAFT


@pytest.mark.usefixtures("in_small_alpha")
def test_a_service_on_sale_may_be_published_again_in_a_full_plan():
    service = make_service()

    assert services.publish_service(actor=owner(), service_id=service.public_id).is_live
