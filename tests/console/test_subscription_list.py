"""The console's list of subscriptions, who owes on the first page, and what an organization's page says of what is paid for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared_apps.billing.models import BillingCommand, BillingInvoice, Subscription
from shared_apps.billing.services import begin_trial, change, move
from shared_apps.billing.types import Cause, CauseKind, CommandKind, CommandState, State
from tenants.scope import platform_scope
from tests.console.happenings import tenant_url, words_of
from tests.factories.tenants import ALPHA_ID, BETA_ID

URL = "/console/subscriptions/"
DAY = datetime(2027, 2, 3, tzinfo=UTC)
_STRIPE = Cause(CauseKind.STRIPE, "sub_alpha")


@pytest.fixture
def two(alpha, beta) -> None:
    """Alpha pays for Studio by the month, with two seats; beta is in its trial."""
    with platform_scope(reason="test"):
        for tenant_id in (ALPHA_ID, BETA_ID):
            begin_trial(tenant_id=tenant_id, plan_code="studio")
        mine = Subscription.objects.get(tenant_id=ALPHA_ID)
        bought = {"stripe_id": "sub_alpha", "add_ons": {"extra-provider": [1, 2]}, "currency": "GBP"}
        move(mine, State.ACTIVE, cause=_STRIPE, period_end_at=DAY, **bought)


def _owes() -> None:
    with platform_scope(reason="test"):
        mine = Subscription.objects.get(tenant_id=ALPHA_ID)
        move(mine, State.PAST_DUE, cause=_STRIPE, owing_since_at=datetime(2026, 11, 3, tzinfo=UTC))
        BillingInvoice.objects.create(
            tenant_id=ALPHA_ID, stripe_id="in_alpha", status="open", currency="GBP", total_minor=6500, paid_minor=0,
            remaining_minor=6500, issued_at=DAY,
        )  # fmt: skip


def _slugs(answer) -> list[str]:
    return [line.subscription.tenant.slug for line in answer.context["page"].rows]


def test_each_is_listed_by_name_with_what_it_pays_for(support, two):
    answer = support.get(URL)

    page = words_of(answer)
    assert sorted(_slugs(answer)) == ["alpha", "beta"]
    assert "Studio, version 1, paid monthly 2 × One more provider £58.00 a month" in page
    assert "Nothing yet" in page
    assert "studio, version" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=active", ["alpha"]), ("state=trialing", ["beta"]), ("state=owing", []), ("state=nonsense&q=alph", ["alpha"]),
        ("q=sub_alpha", ["alpha"]), ("q=sub_alp", []), ("q=beta&state=active", []),
    ],
)  # fmt: skip
def test_they_are_found_by_state_and_word(support, two, query, found):
    assert _slugs(support.get(f"{URL}?{query}")) == found


def test_an_empty_list_says_what_to_do_next(support):
    assert "The first one begins when somebody signs up" in words_of(support.get(URL))
    assert "No subscription is like that" in words_of(support.get(f"{URL}?state=paused"))


def test_who_owes_waits_on_the_first_page_with_what_is_open(support, two):
    assert "Who owes" not in words_of(support.get("/console/"))

    _owes()

    page = words_of(support.get("/console/"))
    assert "Something waits for you." in page
    assert "Payment failed owes since 3 Nov 2026" in page
    assert "£65.00" in page
    assert _slugs(support.get(f"{URL}?state=owing")) == ["alpha"]


def test_an_organizations_page_says_what_it_pays_for_what_is_planned_and_what_was_given(admin, two):
    with platform_scope(reason="test"):
        planned = {"plan_code": "stall", "plan_version": 1, "interval": "month", "add_ons": {}, "at": DAY.isoformat()}
        change(Subscription.objects.get(tenant_id=ALPHA_ID), planned=planned)
        for number, state in enumerate((CommandState.DONE, CommandState.REFUSED), start=1):
            BillingCommand.objects.create(
                tenant_id=ALPHA_ID, kind=CommandKind.GIVE_CREDIT, state=state, idempotency_key=str(number),
                parameters={"amount_minor": 1000 * number, "currency": "GBP", "reason": "for the outage"},
                ordered_by="boss@stoa.example", cause=CauseKind.OPERATOR, ordered_at=DAY, settled_at=DAY,
            )  # fmt: skip

    page = words_of(admin.get(tenant_url(ALPHA_ID)))

    assert "Studio, version 1, paid monthly 2 × One more provider £58.00 a month" in page
    assert "to Stall, version 1, paid monthly on 3 Feb 2027, then £17.00 a month" in page
    assert "£10.00 3 Feb 2027, boss@stoa.example: for the outage" in page
    assert "£20.00" not in page
    assert "Trial until" not in page


def test_who_is_in_a_trial_that_nobody_pays_for_has_its_end(admin, two):
    assert "Trial until" in words_of(admin.get(tenant_url(BETA_ID)))


def test_what_is_given_beside_a_plan_is_said_to_be_free(admin, two):
    assert "It lasts until the subscription changes" in words_of(admin.get(tenant_url(ALPHA_ID, "add-ons/")))
    assert "It lasts until they begin to pay" in words_of(admin.get(tenant_url(BETA_ID, "add-ons/")))


def test_the_trail_says_from_which_state_to_which(admin, two):
    page = words_of(admin.get("/console/audit/"))

    assert "Subscription changed its state Trial → Active" in page
    assert "Trial → Active" in words_of(admin.get(tenant_url(ALPHA_ID)))
