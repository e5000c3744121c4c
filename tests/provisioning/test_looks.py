"""Marketplaces from before there were brand pictures get theirs by the next set-up."""

from kernel.outbox.models import OutboxMessage
from provisioning.looks import ask_for_missing_pictures
from tenants.models import Tenant
from tenants.scope import platform_scope


def test_whoever_has_no_pictures_is_drawn_for_and_nobody_else(alpha, beta):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=beta.id).update(brand_kit="drawn")

    asked = ask_for_missing_pictures()

    with platform_scope(reason="test"):
        drawn_for = list(OutboxMessage.objects.values_list("tenant_id", flat=True))
    assert asked == 1
    assert drawn_for == [alpha.id]
