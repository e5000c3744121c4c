"""Asking for sandboxes and promotions, and doing what workers would."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from provisioning.archives.services import begin_archive
from provisioning.models import Run, Step
from provisioning.saga.engine import advance, advance_to_end
from provisioning.sandboxes.ordering import order_sandbox
from provisioning.sandboxes.promoting.ordering import compare_with_sandbox, order_promotion
from provisioning.types import RunState
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.types import ServiceStatus
from tenant_apps.providers.models import Provider
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.registry import update_tenant
from tenants.scope import platform_scope, tenant_scope
from tests.provisioning.organizations import SYSTEM, again

OWNER = SYSTEM


def cloned(source: TenantContext) -> TenantContext:
    """A fresh sandbox of `source`."""
    run = order_sandbox(actor=OWNER, tenant_id=source.id)
    assert advance(run.pk) == RunState.DONE, failure_of(run)
    return fresh(again(run).tenant_id)


def fresh(tenant_id: UUID | None) -> TenantContext:
    assert tenant_id is not None
    found = context_for(tenant_id)
    assert found is not None
    return found


def ordered_promotion(source: TenantContext, parts: Sequence[str] = ("settings", "theme", "catalog")) -> Run:
    shown = compare_with_sandbox(actor=OWNER, tenant_id=source.id)
    return order_promotion(actor=OWNER, tenant_id=source.id, parts=parts, seen=shown.seal, confirmed_name=source.slug)


def carried_out(run: Run) -> Run:
    """With the snapshot that it waits for."""
    snapshot = begin_archive(UUID(hex=run.request["archive"]))
    assert advance(snapshot.pk) == RunState.DONE, failure_of(snapshot)
    assert advance_to_end(run.pk) == RunState.DONE, failure_of(run)
    return again(run)


def outcome_of(run: Run) -> dict[str, object]:
    with platform_scope(reason="test"):
        return Step.objects.get(run_id=run.pk, name="apply").result


def failure_of(run: Run) -> str:
    with platform_scope(reason="test"):
        return (
            " ".join(Step.objects.filter(run_id=run.pk).exclude(error="").values_list("error", flat=True)) or again(run).state
        )


def try_things_out(sandbox: TenantContext):
    """Something in every part; the id of a service that was added."""
    update_tenant(
        tenant_id=sandbox.id,
        name="Acme anew",
        content={**sandbox.content, "headline": "Tried out"},
        vocabulary={**sandbox.vocabulary, "provider": "artist"},
        theme_package="noir",
        theme_tokens={**sandbox.theme_tokens, "brand": "#7a1fa2"},
    )
    with tenant_scope(sandbox):
        Service.objects.filter(pk=Service.objects.order_by("pk").first().pk).update(price_minor=12345, cancel_notice_minutes=60)
        category = Category.objects.create(public_id=uuid4(), name="Brand new", slug="brand-new", position=50)
        return service_of(Provider.objects.first(), category, "Brand new service", slug="brand-new-service").public_id


def service_of(provider: Provider, category: Category, title: str, slug: str = "") -> Service:
    return Service.objects.create(
        public_id=uuid4(), provider=provider, category=category, title=title, slug=slug or title.lower().replace(" ", "-"),
        summary="Something new", price_minor=5000, currency="GBP", duration_minutes=60, status=ServiceStatus.DRAFT, position=60,
    )  # fmt: skip  # one line of facts


def advance_snapshot(run: Run) -> None:
    snapshot = begin_archive(UUID(hex=run.request["archive"]))
    assert advance(snapshot.pk) == RunState.DONE, failure_of(snapshot)
