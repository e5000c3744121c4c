"""A small fleet at the code's version, and a next release for it to go to."""

import pytest
from django.conf import settings
from django.db import transaction

from kernel.ids import new_id
from provisioning.fleet import services
from provisioning.schemas import template
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import template_script
from tenants.models import Tenant
from tenants.schemas import schema_for
from tenants.scope import platform_scope
from tests.factories.tenants import create_tenant
from tests.provisioning.fleet.releases import migrate_on_top_of_the_first, released


@pytest.fixture(autouse=True)
def no_doorbell(monkeypatch):
    """Nobody but the test carries a run on."""
    monkeypatch.setattr(services, "ring_fleet", lambda _run_pk: None)


@pytest.fixture(autouse=True)
def next_templates_on_top_of_the_first(monkeypatch):
    """What is older than a release is migrated once for all."""
    monkeypatch.setattr(template, "migrate_schema", migrate_on_top_of_the_first)


@pytest.fixture
def fleet(own_database, monkeypatch):
    """Makes tenants; the twins are there already."""
    monkeypatch.setattr(settings, "PROVISIONING_POOL_TARGET", 0)

    def make(*slugs: str) -> list[Tenant]:
        return [_tenant(slug) for slug in slugs]

    return make


@pytest.fixture
def release(tmp_path):
    """Enters the next release for the rest of the test: `release(name=body, …)`."""
    entered = []

    def enter(**bodies: str) -> str:
        context = released(tmp_path, {f"0{number}_{name}": body for number, (name, body) in enumerate(bodies.items(), 900)})
        entered.append(context)
        return context.__enter__()

    yield enter
    for context in reversed(entered):
        context.__exit__(None, None, None)


def _tenant(slug: str) -> Tenant:
    tenant_id = new_id()
    with transaction.atomic():
        run_script(template_script(), schema_for(tenant_id))
    with platform_scope(reason="test"):
        return create_tenant(tenant_id, slug)
