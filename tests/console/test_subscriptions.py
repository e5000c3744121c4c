"""An organization's page shows its subscription, and why it stands where it stands."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shared_apps.billing.models import Subscription
from shared_apps.billing.rules.owing import months_later
from shared_apps.billing.services import begin_missing, begin_trial, move
from shared_apps.billing.types import Cause, CauseKind, State
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import TenantStatus
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
    with CaptureQueriesContext(connection) as of_beta:
        support.get(tenant_url(BETA_ID))

    with django_assert_num_queries(len(of_beta)):
        support.get(tenant_url(ALPHA_ID))


def _act(client, act: str, **sent: str):
    with platform_scope(reason="test"):
        revision = Subscription.objects.get(tenant_id=ALPHA_ID).revision
    sent = {"confirmed_name": "alpha", "reason": "a good reason"} | sent
    return client.post(tenant_url(ALPHA_ID, f"subscription/{act}/?revision={revision}"), sent)


def _state() -> str:
    with platform_scope(reason="test"):
        return Subscription.objects.get(tenant_id=ALPHA_ID).state


def test_an_operator_gives_months_with_a_reason(admin, alpha):
    with platform_scope(reason="test"):
        ends_at = begin_trial(tenant_id=ALPHA_ID, plan_code="studio")

    assert _act(admin, "months", months="2").status_code == 303

    with platform_scope(reason="test"):
        assert Subscription.objects.get(tenant_id=ALPHA_ID).trial_ends_at == months_later(ends_at, 2)
    page = text_of(admin.get(tenant_url(ALPHA_ID)))
    assert "Free months given" in page
    assert "a good reason" in page


def test_pause_and_resume_and_the_end_follow_each_other(admin, alpha, beta):
    with platform_scope(reason="test"):
        for tenant_id in (ALPHA_ID, BETA_ID):
            begin_trial(tenant_id=tenant_id, plan_code="studio")

    seen = []
    for act in ("pause", "resume", "cancel"):
        assert _act(admin, act).status_code == 303
        seen.append(_state())

    assert seen == [State.PAUSED, State.ACTIVE, State.CANCELLED]
    with platform_scope(reason="test"):
        assert Tenant.objects.get(pk=ALPHA_ID).status == TenantStatus.SUSPENDED
        assert Subscription.objects.get(tenant_id=BETA_ID).state == State.TRIALING


@pytest.mark.parametrize("sent", [{"confirmed_name": "beta"}, {"reason": ""}, {"months": "0"}, {"months": "25"}])
def test_nothing_is_given_without_the_name_the_reason_and_a_sensible_number(admin, alpha, sent):
    with platform_scope(reason="test"):
        ends_at = begin_trial(tenant_id=ALPHA_ID, plan_code="studio")

    assert _act(admin, "months", **({"months": "1"} | sent)).status_code == 422

    with platform_scope(reason="test"):
        assert Subscription.objects.get(tenant_id=ALPHA_ID).trial_ends_at == ends_at


def test_an_operator_who_looked_before_somebody_else_acted_is_told(admin, alpha):
    _begun()

    late = admin.post(
        tenant_url(ALPHA_ID, "subscription/cancel/?revision=1"), {"confirmed_name": "alpha", "reason": "no answer"}
    )

    assert late.status_code == 409
    assert _state() == State.PAUSED


def test_credit_is_for_who_pays(admin, alpha):
    _begun()

    answer = _act(admin, "credit", amount="12.50")

    assert answer.status_code == 409
    assert "Give months instead" in text_of(answer)


@pytest.mark.parametrize("amount", ["much", "-5", "12.345"])
def test_an_amount_that_is_none_is_asked_again(admin, alpha, amount):
    _begun()

    assert _act(admin, "credit", amount=amount).status_code in (409, 422)


@pytest.mark.parametrize("act", ["explode", "months"])
def test_an_act_that_is_none_or_of_nobodys_subscription_is_not_there(admin, alpha, act):
    if act == "explode":
        _begun()

    assert admin.get(tenant_url(ALPHA_ID, f"subscription/{act}/")).status_code == 404


def test_who_pays_nothing_on_an_old_plan_can_be_given_months_too(admin, alpha):
    begin_missing()

    assert _act(admin, "months", months="1").status_code == 303
    assert _state() == State.TRIALING


def test_who_may_not_edit_plans_sees_no_buttons(support, admin, alpha, beta):
    _begun()

    assert "subscription/months/" not in support.get(tenant_url(ALPHA_ID)).content.decode()
    assert "subscription/months/" in admin.get(tenant_url(ALPHA_ID)).content.decode()


@pytest.mark.parametrize("who", ["support", "auditor", "owner"])
def test_only_who_may_edit_plans_acts(request, alpha, who):
    _begun()

    assert _act(request.getfixturevalue(who), "cancel").status_code == 403
    assert _state() == State.PAUSED
