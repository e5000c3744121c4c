"""What the operator's pages tell of a plan beside its versions: who has an add-on, and what Stripe has of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared_apps.plans.models import StripeLink
from shared_apps.plans.services import set_add_on, start_trial
from tenants.scope import platform_scope
from tests.factories.plans import OPERATOR, draft_with, next_version
from tests.factories.tenants import ALPHA_ID, BETA_ID

STUDIO = "/console/plans/studio/"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def subscribers(alpha, beta) -> None:
    """Both twins are on version 1 of “studio”."""
    with platform_scope(reason="test"):
        for tenant_id in (ALPHA_ID, BETA_ID):
            start_trial(tenant_id=tenant_id, plan_code="studio")


def _text(response) -> str:
    return response.content.decode()


def test_of_an_add_on_one_sees_who_has_it_and_by_which_version_before_the_next_is_published(admin, subscribers):
    with platform_scope(reason="test"):
        set_add_on(actor=OPERATOR, tenant_id=ALPHA_ID, code="extra-provider", quantity=3)
        next_version("extra-provider", entitlements={"max_providers": 1})
        set_add_on(actor=OPERATOR, tenant_id=BETA_ID, code="extra-provider", quantity=1)
        draft_with("extra-provider", entitlements={"max_providers": 2})

    page = admin.get("/console/plans/extra-provider/")
    publishing = _text(admin.get("/console/plans/extra-provider/draft/publish/"))
    (row,) = [row for row in admin.get("/console/plans/").context["add_ons"] if row.plan.code == "extra-provider"]

    assert {line.tenant.slug for line in page.context["tenants"]} == {"alpha", "beta"}
    assert (dict(row.by_version), row.number, row.behind) == ({1: 1, 2: 1}, 2, 1)
    assert publishing.count("1 organization stays") == 2
    assert "until you move them" not in publishing


def test_what_stripe_has_otherwise_or_not_at_all_is_told_in_words(admin, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_x"
    linked = {"product": "studio", "price": "studio/1/EUR/month"}
    with platform_scope(reason="test"):
        for kind, ours in linked.items():
            StripeLink.objects.create(kind=kind, ours=ours, stripe_id=f"{kind}_1", synced_at=NOW, drift=["name", "active"])
        StripeLink.objects.filter(kind="price").update(drift=[])

    lines = [(line.name, line.words) for line in admin.get(STUDIO).context["at_stripe"]]

    assert lines[:3] == [
        ("Product", "called otherwise, not on sale as it should be"),
        ("Version 1: A month in EUR", ""),
        ("Version 1: A year in EUR", "not there"),
    ]
    assert len(lines) == 1 + 6


def test_without_stripe_nothing_is_said_of_it(admin):
    assert "At Stripe" not in _text(admin.get(STUDIO))
