"""Alpha, furnished, and its sandbox: each test orders its own, and nothing is left of it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from provisioning.sandboxes import ordering
from provisioning.sandboxes.promoting import ordering as promoting
from provisioning.sandboxes.promoting.reading import base_of
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category, Service
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.registry import update_tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.archives.conftest import market, media, quiet, shop
from tests.provisioning.sandboxes.making import cloned, fresh

__all__ = ["market", "media", "quiet", "shop"]


@pytest.fixture(autouse=True)
def _counts_of_its_own(settings) -> None:
    """Limits on sign-in live in Redis, which no transaction rolls back: each test counts under a prefix of its own."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{uuid4().hex}"}}


@pytest.fixture
def silent(quiet, monkeypatch) -> None:
    """Nobody rings for a sandbox either: the test does its work itself."""
    for module in (ordering, promoting):
        monkeypatch.setattr(module, "ring", lambda _run_pk: None)


@pytest.fixture
def sandbox(silent, market) -> Iterator[TenantContext]:
    """Fresh; what a test does to alpha is put back, since the file's tests share it."""
    before = base_of(fresh(ALPHA_ID))
    with tenant_scope(market):
        kept = list(Category.objects.all()), list(Service.objects.all())
        status = dict(Booking.objects.values_list("pk", "service_id"))
    facts = ("name", "locale", "time_zone", "vocabulary", "content", "theme_package", "theme_tokens", "theme_hash")
    with platform_scope(reason="test"):
        registry = Tenant.objects.values(*facts).get(pk=ALPHA_ID)
    yield cloned(market)
    update_tenant(tenant_id=ALPHA_ID, **registry)
    with tenant_scope(market):
        Service.objects.exclude(pk__in=[row.pk for row in kept[1]]).delete()
        Category.objects.exclude(pk__in=[row.pk for row in kept[0]]).delete()
        for row in (*kept[0], *kept[1]):
            row.save(force_insert=not type(row).objects.filter(pk=row.pk).exists())
        assert dict(Booking.objects.values_list("pk", "service_id")) == status
    assert base_of(fresh(ALPHA_ID)) == before
