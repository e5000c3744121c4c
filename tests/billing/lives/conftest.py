"""What lives share: the twins' database with the catalogue in it, owners who get letters, and the town's clock for ours."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.core import mail
from django.db import transaction

from integrations.stripe.fake.local import TEST_KEY
from integrations.stripe.fake.transport import InProcess
from kernel import clock
from shared_apps.plans.services import load_default_plans
from tenants.scope import tenant_scope
from tests.billing.lives.beyond import sell_beyond
from tests.billing.lives.boundaries import Boundaries
from tests.billing.lives.life import TROUBLE, Batch
from tests.billing.lives.post import Post
from tests.billing.lives.told import Told
from tests.billing.lives.town import Catalogue, Town
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_tenant
from tests.members.helpers import make_member

AT_ONCE = 100

type Lives = Callable[..., Told]


@pytest.fixture
def boundaries(monkeypatch: pytest.MonkeyPatch) -> Boundaries:
    """Around every commit of this test's connection."""
    made = Boundaries()
    made.patch(monkeypatch)
    return made


@pytest.fixture
def stage(in_platform, alpha, beta, settings) -> Catalogue:
    """Plans at Stripe, and an owner in each of the twins."""
    settings.STRIPE_SECRET_KEY = TEST_KEY
    load_default_plans()
    sell_beyond()
    for tenant in (alpha, beta):
        with tenant_scope(tenant):
            make_member("ann@twin.example", "owner")
    return Catalogue()


@pytest.fixture
def settle(monkeypatch) -> Callable[[Town], None]:
    """Makes a town's Stripe ours, and its clock."""
    # Patched once: what is patched again and again keeps every town before.
    here: list[Town] = []
    monkeypatch.setattr("shared_apps.billing.services.gateway.configured_gateway", lambda: here[0].gateway)
    monkeypatch.setattr(clock, "now", lambda: here[0].now() if here else datetime.now(UTC))

    def settle_in(town: Town) -> None:
        here[:] = [town]
        mail.outbox.clear()

    return settle_in


@pytest.fixture
def lives(stage: Catalogue, settle, boundaries: Boundaries) -> Lives:
    """Lives a batch of a seed, alpha's and beta's life among them, and leaves nothing of it."""
    tenant_ids = [ALPHA_ID, BETA_ID]

    def live(seed: int, *, size: int = AT_ONCE, trouble: float = TROUBLE) -> Told:
        unborn = range(len(tenant_ids), size)
        tenant_ids.extend([create_tenant(UUID(int=number), f"life-{number}").pk for number in unborn])
        local = stage.stripe(seed)
        town = Town(local, InProcess(local), boundaries)
        settle(town)
        post = Post(town, random.Random(f"{seed}/post"), trouble)
        with transaction.atomic():
            told = Batch(town, boundaries, post, tenant_ids[:size], seed=seed).live()
            transaction.set_rollback(True)
        return told

    return live
