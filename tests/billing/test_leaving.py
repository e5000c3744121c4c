"""Who closes is charged nothing, who opens again goes on, and of who is erased nobody is a customer any more."""

from __future__ import annotations

from contextlib import suppress

import pytest

from integrations.stripe.errors import InvalidRequest
from integrations.stripe.fake.faults import Fault
from integrations.stripe.fake.resources.methods import attach
from integrations.stripe.gateway.invoice import InvoiceStatus
from integrations.stripe.gateway.subscription import SubscriptionStatus
from kernel.actor import Actor
from kernel.errors import TemporaryFailure
from shared_apps.billing.errors import NotConfirmedYet
from shared_apps.billing.models import BillingAccount, BillingCommand
from shared_apps.billing.services import (
    apply_subscription,
    commands,
    confirm_checkout,
    end_billing,
    finish_commands,
    follow_closing,
    leaving,
    pass_time,
    pause,
)
from shared_apps.billing.types import CommandKind, CommandState, State
from tenants.closing import begin_closing, end_closing
from tenants.models import Tenant
from tenants.types import TenantStatus
from tests.billing.test_crashes import Killed, Points
from tests.factories.tenants import ALPHA_ID

OPERATOR = Actor.operator(user_id=9, label="op@example.org", capabilities=frozenset({"plans.edit"}))
BOUNDARIES = 20


@pytest.fixture
def paid(town):
    """Alpha pays for “studio” since the end of its trial."""
    town.wait(days=15)
    pass_time()
    town.pay()
    town.wait(days=10)
    return town


def _close() -> None:
    begin_closing(tenant_id=ALPHA_ID)
    follow_closing(tenant_id=ALPHA_ID)


def _open() -> None:
    end_closing(tenant_id=ALPHA_ID)
    follow_closing(tenant_id=ALPHA_ID)


def _asked() -> list[str]:
    held = (CommandKind.PAUSE, CommandKind.RESUME)
    return list(BillingCommand.objects.filter(kind__in=held).order_by("pk").values_list("kind", flat=True))


def _status() -> str:
    return Tenant.objects.get(pk=ALPHA_ID).status


def _card(town, customer_id: str) -> str:
    """A card that is paid from, of the customer's."""
    unit = town.local.unit()
    card = attach(unit, "pm_card_visa", customer_id)["id"]
    unit.commit()
    return str(card)


def _customer_id() -> str:
    return BillingAccount.objects.get(tenant_id=ALPHA_ID).stripe_customer_id


def test_a_closed_organization_is_charged_nothing_for_months(paid):
    _close()
    paid.wait(days=70)

    assert paid.subscription().state == State.PAUSED
    assert len(paid.charged()) == 1


def test_an_organization_that_stays_open_is_charged_in_these_months(paid):
    """The negative control of the test above."""
    paid.wait(days=70)

    assert len(paid.charged()) > 1


def test_who_is_opened_again_goes_on_paying(paid):
    _close()
    paid.wait(days=5)
    _open()
    paid.wait(days=40)

    assert paid.subscription().state == State.ACTIVE
    assert len(paid.charged()) > 1


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_debt_that_is_paid_while_it_is_closed_is_none_when_it_is_opened_again(town, is_paid):
    session = town.open_checkout()
    town.fill_in(session, "pm_card_chargeCustomerFail")
    assert confirm_checkout(tenant_id=ALPHA_ID, session_id=session)
    for days in (15, 9, 16):
        town.wait(days=days)
        apply_subscription(town.subscription().stripe_id)
        pass_time()
    assert (town.subscription().state, _status()) == (State.SUSPENDED, TenantStatus.SUSPENDED)
    begin_closing(tenant_id=ALPHA_ID)

    if is_paid:
        for invoice in town.gateway.invoices.all(status=InvoiceStatus.OPEN):
            town.gateway.invoices.pay(
                invoice.id, idempotency_key=invoice.id, payment_method_id=_card(town, invoice.customer_id)
            )
        apply_subscription(town.subscription().stripe_id)
    assert _status() == TenantStatus.CLOSING
    end_closing(tenant_id=ALPHA_ID)

    wanted = (State.ACTIVE, TenantStatus.ACTIVE) if is_paid else (State.SUSPENDED, TenantStatus.SUSPENDED)
    assert (town.subscription().state, _status()) == wanted


def test_who_was_suspended_for_months_pays_what_was_open_and_the_period_under_way(town):
    session = town.open_checkout()
    town.fill_in(session, "pm_card_chargeCustomerFail")
    assert confirm_checkout(tenant_id=ALPHA_ID, session_id=session)
    for days in (15, 9, 16, 75):
        town.wait(days=days)
        apply_subscription(town.subscription().stripe_id)
        pass_time()
    seen = []

    for _turn in range(2):
        for invoice in town.gateway.invoices.all(status=InvoiceStatus.OPEN):
            town.gateway.invoices.pay(
                invoice.id, idempotency_key=invoice.id, payment_method_id=_card(town, invoice.customer_id)
            )
        for _twice in range(2):
            apply_subscription(town.subscription().stripe_id)
        seen.append((town.subscription().state, town.charged(), len(town.gateway.invoices.all(status=InvoiceStatus.OPEN))))

    assert seen == [(State.SUSPENDED, [5100], 1), (State.ACTIVE, [5100, 5100], 0)]


def test_a_period_that_stripe_refuses_to_make_final_stops_nothing(town, monkeypatch):
    session = town.open_checkout()
    town.fill_in(session, "pm_card_chargeCustomerFail")
    assert confirm_checkout(tenant_id=ALPHA_ID, session_id=session)
    for days in (15, 9, 16, 75):
        town.wait(days=days)
        apply_subscription(town.subscription().stripe_id)
        pass_time()
    for invoice in town.gateway.invoices.all(status=InvoiceStatus.OPEN):
        town.gateway.invoices.void(invoice.id, idempotency_key=invoice.id)
    tried = []

    def refuse(_self, invoice_id, **_more):
        tried.append(invoice_id)
        raise InvalidRequest("no location for the tax", code="customer_tax_location_invalid")

    monkeypatch.setattr(type(town.gateway.invoices), "finalize", refuse)
    apply_subscription(town.subscription().stripe_id)

    assert len(tried) == 1
    assert town.subscription().state == State.SUSPENDED


def test_hearing_of_it_twice_asks_once(paid):
    _close()
    follow_closing(tenant_id=ALPHA_ID)
    _open()
    follow_closing(tenant_id=ALPHA_ID)

    assert _asked() == [CommandKind.PAUSE, CommandKind.RESUME]


def test_who_was_opened_again_before_anybody_got_to_it_is_asked_nothing(paid):
    begin_closing(tenant_id=ALPHA_ID)
    end_closing(tenant_id=ALPHA_ID)
    follow_closing(tenant_id=ALPHA_ID)

    assert _asked() == []


def test_who_is_opened_again_while_it_is_being_paused_is_not_left_paused(paid, monkeypatch):
    asked = leaving._ask

    def slow(*args: object, **more: object) -> None:
        if not _asked():
            end_closing(tenant_id=ALPHA_ID)
        asked(*args, **more)

    monkeypatch.setattr(leaving, "_ask", slow)
    _close()

    assert _asked() == [CommandKind.PAUSE, CommandKind.RESUME]
    assert paid.subscription().state == State.ACTIVE


def test_what_an_operator_has_paused_stays_so(paid):
    pause(actor=OPERATOR, tenant_id=ALPHA_ID, revision=paid.subscription().revision, reason="a gift")
    _close()
    _open()

    assert _asked() == [CommandKind.PAUSE]
    assert paid.subscription().state == State.PAUSED


def test_while_another_change_is_under_way_it_is_tried_later(paid):
    paid.local.faults.plan(Fault.LOST, only="POST /v1/subscriptions")
    begin_closing(tenant_id=ALPHA_ID)
    with pytest.raises(NotConfirmedYet):
        follow_closing(tenant_id=ALPHA_ID)
    with pytest.raises(TemporaryFailure):
        follow_closing(tenant_id=ALPHA_ID)

    paid.wait(minutes=5)
    finish_commands()
    follow_closing(tenant_id=ALPHA_ID)

    assert _asked() == [CommandKind.PAUSE]
    assert paid.subscription().state == State.PAUSED


def test_a_trial_neither_ends_nor_costs_grace_while_its_organization_is_closed(town):
    _close()
    town.wait(days=60)
    assert pass_time() == 0

    _open()

    assert pass_time() == 1
    assert town.subscription().state == State.GRACE
    assert not BillingCommand.objects.exists()


def test_who_is_erased_is_no_customer_any_more_and_is_charged_nothing(paid):
    stripe_id, customer_id = paid.subscription().stripe_id, _customer_id()

    assert end_billing(tenant_id=ALPHA_ID)
    assert end_billing(tenant_id=ALPHA_ID)

    paid.wait(days=70)
    assert paid.gateway.subscriptions.get(stripe_id).status is SubscriptionStatus.CANCELED
    assert paid.gateway.customers.get(customer_id).is_deleted
    assert len(paid.charged()) == 1
    assert BillingCommand.objects.filter(kind=CommandKind.FORGET_CUSTOMER).count() == 1


def test_of_who_never_began_to_pay_nothing_is_asked(town):
    assert not end_billing(tenant_id=ALPHA_ID)

    assert not BillingCommand.objects.exists()


def test_a_customer_without_a_subscription_is_deleted_too(town):
    town.open_checkout()

    end_billing(tenant_id=ALPHA_ID)

    assert town.gateway.customers.get(_customer_id()).is_deleted


@pytest.mark.parametrize("only", ["DELETE /v1/subscriptions", "DELETE /v1/customers"])
def test_while_stripe_is_away_it_is_not_passed_over(paid, only):
    paid.local.faults.plan(Fault.LOST, only=only)

    for _try in range(2):
        with pytest.raises(NotConfirmedYet):
            end_billing(tenant_id=ALPHA_ID)
    paid.wait(minutes=5)
    finish_commands()
    end_billing(tenant_id=ALPHA_ID)

    assert paid.gateway.customers.get(_customer_id()).is_deleted
    assert not BillingCommand.objects.exclude(state=CommandState.DONE).exists()


def _bounded(monkeypatch, town, kill_at: int | None) -> Points:
    """Boundaries around each request to Stripe and each commit of the two commands."""
    points = Points(kill_at)
    monkeypatch.setattr(town.local.api, "answer", points.around(town.local.api.answer))
    for name in ("_note_sent", "apply_subscription", "_settle"):
        monkeypatch.setattr(commands, name, points.around(getattr(commands, name)))
    for name in ("order", "order_of_account"):
        monkeypatch.setattr(leaving, name, points.around(getattr(leaving, name)))
    return points


def _end() -> None:
    """Again and again, as the run of the erasing does, with the sweeper beside it."""
    for _try in range(3):
        finish_commands()
        with suppress(NotConfirmedYet):
            end_billing(tenant_id=ALPHA_ID)
            return


@pytest.mark.parametrize("kill_at", range(1, BOUNDARIES + 1))
def test_killed_at_any_boundary_it_is_finished_and_nobody_is_charged(paid, monkeypatch, kill_at):
    with monkeypatch.context() as patch:
        _bounded(patch, paid, kill_at)
        with pytest.raises(Killed):
            end_billing(tenant_id=ALPHA_ID)

    paid.wait(minutes=5)
    _end()

    assert paid.gateway.customers.get(_customer_id()).is_deleted
    assert not BillingCommand.objects.exclude(state=CommandState.DONE).exists()
    assert paid.subscription().state == State.CANCELLED
    assert len(paid.charged()) == 1


def test_all_boundaries_were_tried(paid, monkeypatch):
    points = _bounded(monkeypatch, paid, None)

    end_billing(tenant_id=ALPHA_ID)

    assert points.passed == BOUNDARIES
