"""Each change of what a subscription counts for is an entry, written with it, and final."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from shared_apps.billing.models import Subscription
from shared_apps.billing.selectors import subscriptions_after
from shared_apps.billing.services import tell_of_payment
from shared_apps.billing.types import State
from shared_apps.business.models import MrrEntry
from shared_apps.business.selectors import ledger_ties, months_moved, months_until, plan_mix, standing_by_currency
from shared_apps.business.services import note_value, settle_ledger
from shared_apps.business.types import Movement
from shared_apps.plans.types import Interval
from tests.business.conftest import BOSS, Life


def _moves(life: Life | None = None) -> list[tuple[str, int, int]]:
    rows = MrrEntry.objects.filter(tenant_id=life.tenant_id) if life else MrrEntry.objects.all()
    return [(row.movement, row.before_minor, row.after_minor) for row in rows.exclude(movement="").order_by("pk")]


def _wrong(currency: str = "EUR") -> dict[str, int]:
    months = months_moved(BOSS, currency, months_until(date(2026, 12, 1), 12))
    return {tie.name: tie.wrong for tie in ledger_ties(BOSS, months)}


HELD = {"movements": 0, "prices": 0, "subscriptions": 0}


def test_a_life_leaves_its_movements(town):
    life = town.someone().pays()
    life.changes(plan_code="grand").changes(add_ons={"seat": [1, 2]}).changes(plan_code="plain", add_ons={})

    life.goes(State.PAST_DUE, State.GRACE, State.SUSPENDED, State.ACTIVE, State.CANCELLED)
    life.comes_back().pays()

    assert _moves() == [
        ("new", 0, 1000), ("expansion", 1000, 3000), ("expansion", 3000, 3202), ("contraction", 3202, 1000),
        ("churn", 1000, 0), ("reactivation", 0, 1000), ("churn", 1000, 0), ("reactivation", 0, 1000),
    ]  # fmt: skip
    assert _wrong() == HELD


def test_a_pause_loses_nobody(town):
    life = town.someone().pays().goes(State.PAUSED, State.ACTIVE)

    assert [movement for movement, _before, _after in _moves(life)] == ["new", "contraction", "expansion"]


def test_months_that_are_given_move_nothing(town):
    life = town.someone().pays().goes(State.TRIALING)

    assert _moves(life) == [("new", 0, 1000)]
    (standing,) = standing_by_currency(BOSS)
    assert (standing.mrr_minor, standing.paying) == (1000, 1)
    assert [(line.paying, line.in_trial) for line in plan_mix(BOSS, "EUR")] == [(1, 0)]
    assert _wrong() == HELD


def test_who_owes_from_the_beginning_pays_from_the_first_money_on(town):
    life = town.someone().owes_from_the_beginning()
    (standing,) = standing_by_currency(BOSS)
    assert (_moves(), standing.mrr_minor, standing.paying, standing.owing) == ([], 0, 0, 1)

    life.money_comes()
    tell_of_payment(life.row.stripe_id)
    tell_of_payment(life.row.stripe_id)

    assert _moves() == [("new", 0, 1000)]
    assert _wrong() == HELD


def test_money_that_the_ledger_was_not_told_of_is_seen(town):
    """Negative control."""
    town.someone().owes_from_the_beginning().money_comes()

    assert _wrong() == HELD | {"subscriptions": 1}


def test_what_changes_nothing_of_the_value_is_no_entry(town):
    life = town.someone().pays()
    before = MrrEntry.objects.count()

    life.changes(cancel_at=datetime(2026, 2, 1, tzinfo=UTC), cancel_reason="moving away")

    assert MrrEntry.objects.count() == before
    assert note_value(life.row) is False


def test_an_entry_and_its_change_are_one(town, monkeypatch):
    life = town.someone()
    before = MrrEntry.objects.count()
    monkeypatch.setattr("shared_apps.business.services.ledger.monthly_value", lambda *_all: 1 // 0)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        life.pays()

    assert (MrrEntry.objects.count(), Subscription.objects.get(pk=life.row.pk).state) == (before, State.TRIALING)


def test_another_currency_is_the_end_of_one_amount_and_the_beginning_of_another(town):
    life = town.someone().pays()

    life.changes(currency="JPY").changes(currency="EUR")

    rows = MrrEntry.objects.exclude(movement="").order_by("pk")
    assert [(row.currency, row.before_minor, row.after_minor) for row in rows] == [
        ("EUR", 0, 1000), ("EUR", 1000, 0), ("JPY", 0, 1500), ("JPY", 1500, 0), ("EUR", 0, 1000),
    ]  # fmt: skip
    assert (_wrong("EUR"), _wrong("JPY")) == (HELD, HELD)
    assert {one.currency: (one.mrr_minor, one.paying) for one in standing_by_currency(BOSS)} == {
        "EUR": (1000, 1),
        "JPY": (0, 0),
    }


def test_months_close_where_the_next_one_opens(town):
    first = town.someone().pays()
    town.on(2, 28, 23)
    second = town.someone(interval=Interval.YEAR).pays()
    town.on(3, 1, 0)
    first.changes(plan_code="grand")
    town.on(5)
    second.goes(State.CANCELLED)
    first.goes(State.PAST_DUE)

    months = months_moved(BOSS, "EUR", months_until(date(2026, 6, 3), 6))

    assert [(one.month.month, one.opening_minor, one.closing_minor, dict(one.moved)) for one in months] == [
        (1, 0, 1000, {Movement.NEW: 1000}),
        (2, 1000, 1833, {Movement.NEW: 833}),
        (3, 1833, 3833, {Movement.EXPANSION: 2000}),
        (4, 3833, 3833, {}),
        (5, 3833, 3000, {Movement.CHURN: -833}),
        (6, 3000, 3000, {}),
    ]
    assert all(one.is_tied for one in months)
    assert months_moved(BOSS, "EUR", months_until(date(2026, 6, 3), 2)) == months[-2:]
    (standing,) = standing_by_currency(BOSS)
    assert (standing.mrr_minor, standing.arr_minor, standing.paying, standing.owing_minor) == (3000, 36000, 1, 3000)


@pytest.mark.parametrize(
    ("harm", "seen"),
    [
        (lambda life: MrrEntry.objects.filter(tenant_id=life.tenant_id, movement="expansion").delete(), "movements"),
        (lambda life: MrrEntry.objects.filter(tenant_id=life.tenant_id).order_by("pk").last().delete(), "subscriptions"),
        (lambda life: MrrEntry.objects.filter(tenant_id=life.tenant_id).delete(), "subscriptions"),
        (lambda life: Subscription.objects.filter(pk=life.row.pk).update(plan_code="grand"), "subscriptions"),
        (lambda life: Subscription.objects.filter(pk=life.row.pk).update(add_ons={"seat": [1, 1]}), "subscriptions"),
    ],
)
def test_a_ledger_that_is_not_whole_is_seen(town, harm, seen):
    """Negative control."""
    town.someone().pays()
    life = town.someone().pays()
    town.on(2)
    life.changes(plan_code="grand")
    town.on(3)
    life.changes(plan_code="plain")
    assert _wrong() == HELD

    harm(life)

    assert _wrong()[seen] > 0


def test_an_amount_that_its_facts_do_not_make_is_seen(town):
    """Negative control: what no service writes."""
    life = town.someone().pays()
    row = MrrEntry.objects.get(movement="new")

    MrrEntry.objects.create(
        tenant_id=row.tenant_id, subscription_id=row.subscription_id, number=row.number + 1, revision=row.revision + 1,
        at=row.at, movement="expansion", currency="EUR", before_minor=1000, after_minor=1001, state=row.state, is_billed=True,
        plan_code="plain", plan_version=1, interval="month", add_ons={}, has_paid=True,
    )  # fmt: skip

    assert _wrong() == HELD | {"prices": 1}
    assert life.row.state == State.ACTIVE


def test_the_database_lets_nobody_write_the_past_anew(town):
    town.someone().pays()
    rows = MrrEntry.objects.filter(movement="new")

    with pytest.raises(IntegrityError, match="stays written"), transaction.atomic():
        rows.update(after_minor=2000)


@pytest.mark.parametrize(
    "harm", [{"before_minor": 900}, {"number": 2}, {"number": 4}, {"at": datetime(2026, 1, 1, tzinfo=UTC)}]
)
def test_an_entry_goes_on_from_the_last_one(town, harm):
    town.someone().pays()
    row = MrrEntry.objects.get(movement="new")
    facts = {name: getattr(row, name) for name in ("tenant_id", "subscription_id", "at", "currency", "state", "is_billed")}
    bought = {"plan_code": "plain", "plan_version": 1, "interval": "month", "movement": "expansion"}
    good = facts | bought | {"number": 3, "revision": 3, "before_minor": 1000, "after_minor": 1100}

    with pytest.raises(IntegrityError, match="goes on from the last one"), transaction.atomic():
        MrrEntry.objects.create(**(good | harm))

    assert MrrEntry.objects.create(**good).after_minor == 1100


def test_what_somebody_did_by_hand_is_written_as_of_now(town):
    life = town.someone().pays()
    town.on(3)
    Subscription.objects.filter(pk=life.row.pk).update(plan_code="grand")
    assert _wrong() == HELD | {"subscriptions": 1}

    settle_ledger()

    assert _moves(life) == [("new", 0, 1000), ("expansion", 1000, 3000)]
    assert _wrong() == HELD


@pytest.mark.parametrize(("reads_anew", "is_whole"), [(True, True), (False, False)])
def test_what_is_changed_while_the_ledger_is_settled_is_not_taken_back(town, monkeypatch, reads_anew, is_whole):
    """The second is the negative control: without reading anew, what was read first is written last."""
    life = town.someone().pays()
    (read_before,) = subscriptions_after(0, most=9)
    life.changes(plan_code="grand")
    parts = iter([[read_before], []])
    monkeypatch.setattr("shared_apps.business.services.ledger.subscriptions_after", lambda *_all, **_more: next(parts))
    if not reads_anew:
        monkeypatch.setattr("shared_apps.business.services.ledger.locked_subscriptions", lambda _pks: [read_before])

    settle_ledger()

    assert (_wrong() == HELD) is is_whole


def test_what_was_not_written_is_written_once(town):
    life = town.someone().pays()
    MrrEntry.objects.all().delete()

    assert (settle_ledger(), settle_ledger()) == (1, 0)

    assert _moves(life) == [("new", 0, 1000)]
    assert _wrong() == HELD
