"""An organization's page shows its subscription, and why it stands where it stands."""

from __future__ import annotations

from shared_apps.billing.models import Subscription
from shared_apps.billing.services import begin_trial, move
from shared_apps.billing.types import Cause, CauseKind, State
from tenants.scope import platform_scope
from tests.console.happenings import tenant_url, text_of
from tests.factories.tenants import ALPHA_ID, BETA_ID


def _begun() -> None:
    with platform_scope(reason="test"):
        for tenant_id in (ALPHA_ID, BETA_ID):
            begin_trial(tenant_id=tenant_id, plan_code="studio")
        move(
            Subscription.objects.get(tenant_id=ALPHA_ID),
            State.PAUSED,
            cause=Cause(CauseKind.OPERATOR, "op@stoa.example", "until they have moved"),
        )


def test_the_page_tells_each_move_with_its_cause(support, alpha, beta):
    _begun()

    page = text_of(support.get(tenant_url(ALPHA_ID)))

    assert "Operator: op@stoa.example – until they have moved" in page
    assert "Set-up: sign-up" in page
    assert "until they have moved" not in text_of(support.get(tenant_url(BETA_ID)))


def test_who_never_had_one_has_no_such_part(support, alpha):
    assert "Paid for" not in text_of(support.get(tenant_url(ALPHA_ID)))


def test_a_long_history_costs_no_more(support, alpha, beta, django_assert_num_queries):
    _begun()
    support.get(tenant_url(ALPHA_ID))
    with django_assert_num_queries(22):
        support.get(tenant_url(BETA_ID))

    with django_assert_num_queries(22):
        support.get(tenant_url(ALPHA_ID))
