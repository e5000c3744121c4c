"""The demo: three sample marketplaces, and people with a known password. Never in a real deployment (setting `DEMO`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.files.storage import default_storage

from kernel.actor import Actor
from provisioning.content.reading import load_sample, sample_slugs
from provisioning.content.services import apply_sample, sign_in_with
from provisioning.content.shapes import Sample
from provisioning.demo_billing import subscribe_demo
from provisioning.errors import DemoFailed
from provisioning.models import Run
from provisioning.saga.engine import advance_to_end
from provisioning.services import create_run, retry_run
from provisioning.types import OrganizationRequest, RunState
from shared_apps.accounts.selectors import user_by_email
from shared_apps.accounts.services import get_or_create_user_for_email
from shared_apps.operators.services import appoint_operator
from shared_apps.operators.types import OperatorRole
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from themes.publishing import publish_theme, stylesheet_name

OPERATOR_EMAIL: Final = "operator@stoa.example"
# Known on purpose: it opens made-up people's accounts only, and is printed by `manage.py demo addresses`.
PASSWORD: Final = "walk-in-the-stoa"  # noqa: S105  # see above
_ACTOR: Final = Actor.system("demo")
_TAKEN_BACK: Final = (RunState.UNDOING, RunState.UNDO_FAILED, RunState.UNDONE)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody who can sign in, and where."""

    role: str
    email: str
    address: str


def seed_demo() -> list[str]:
    """Make what is missing of the demo; the slugs of its marketplaces. May be called again: what is there stays.

    Raises:
        DemoFailed: outside of the demo's settings.
    """
    if not settings.DEMO:
        raise DemoFailed("The demo's people have a known password: run it with config.settings.demo.")
    with platform_scope(reason="demo operator"):
        if user_by_email(OPERATOR_EMAIL) is None:
            appoint_operator(actor=_ACTOR, email=OPERATOR_EMAIL, password=PASSWORD, role=OperatorRole.ADMIN)
    tenants = [tenant for slug in sample_slugs() if (tenant := _seed(load_sample(slug)))]
    subscribe_demo(tenants)
    return [tenant.slug for tenant in tenants]


def kept_samples() -> list[Sample]:
    """The samples, without those that an operator took back: that was meant, and a new start does not bring them again."""
    with platform_scope(reason="demo samples"):
        taken_back = set(Run.objects.filter(state__in=_TAKEN_BACK).values_list("idempotency_key", flat=True))
    return [load_sample(slug) for slug in sample_slugs() if _key(slug) not in taken_back]


def sign_ins() -> Iterator[SignIn]:
    """Everybody worth trying, the operator first."""
    yield SignIn("operator", OPERATOR_EMAIL, f"{settings.PLATFORM_URL}/console/")
    for sample in kept_samples():
        address = marketplace_address(sample.slug)
        yield SignIn("owner", sample.owner_email, f"{address}/manage/")
        yield SignIn("provider", sample.providers[0].email, f"{address}/manage/")


def marketplace_address(slug: str) -> str:
    """Where a sample marketplace is."""
    return f"{settings.PUBLIC_SCHEME}://{slug}.{settings.PLATFORM_DOMAIN}{settings.PUBLIC_PORT_SUFFIX}"


def _key(slug: str) -> str:
    return f"demo:{slug}"


def _seed(sample: Sample) -> TenantContext | None:
    """Make what is missing of one sample; None where somebody took it back."""
    tenant = _marketplace(sample)
    if tenant is None:
        return None
    with tenant_scope(tenant):
        apply_sample(sample, password=PASSWORD)
        _let_in(sample.owner_email)
        if not default_storage.exists(stylesheet_name(tenant.theme_hash)):
            publish_theme()
    with platform_scope(reason="demo owner"):
        _let_in(sample.owner_email)
    return tenant


def _let_in(email: str) -> None:
    """Give a person the known password, once: a new one would end their sessions at every start of the demo."""
    user = get_or_create_user_for_email(email=email)
    if not user.has_usable_password():
        sign_in_with(user, PASSWORD)


def _marketplace(sample: Sample) -> TenantContext | None:
    blueprint = sample.blueprint
    request = OrganizationRequest(
        slug=sample.slug,
        name=sample.name,
        owner_email=sample.owner_email,
        owner_name=sample.owner_name,
        blueprint=blueprint.id,
        plan_code=sample.plan_code,
        locale=blueprint.locale,
        currency=blueprint.currency,
        time_zone=blueprint.time_zone,
        sample=sample.slug,
    )
    run = create_run(actor=_ACTOR, request=request, idempotency_key=_key(sample.slug))
    if run.state in _TAKEN_BACK:
        return None
    if run.state == RunState.FAILED:
        retry_run(actor=_ACTOR, run_id=run.public_id)
    state = advance_to_end(run.pk)
    with platform_scope(reason="demo marketplace"):
        run = Run.objects.get(pk=run.pk)
    tenant = context_for(run.tenant_id) if state == RunState.DONE and run.tenant_id else None
    if tenant is None:
        raise DemoFailed(f"{sample.name} could not be made: its run {run.pk} is {state} ({run.error or 'no error noted'}).")
    return tenant
