"""A fact counts once, in the month of its own time, whoever tells of it how often and in what order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from shared_apps.metering.models import CountedFact, MonthUsage
from shared_apps.metering.services import count_ai_tokens, count_facts, count_of_many, counting, forget_old_usage, note_level
from shared_apps.metering.types import AI_TOKENS, BOOKINGS, REMEMBERED, STORAGE
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.children import child, die, exit_codes
from tests.factories.racing import race
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.metering.rows import NOVEMBER, NOW, OCTOBER, at, fact, used

RACERS = 6


@pytest.mark.usefixtures("in_alpha")
def test_what_is_told_again_counts_once():
    count_facts([fact("a"), fact("b")], now=NOW)

    assert count_facts([fact("a"), fact("b"), fact("a")], now=NOW) == 0
    assert used() == 2


@pytest.mark.usefixtures("in_alpha")
def test_the_twin_counts_by_itself(beta):
    count_facts([fact("a")], now=NOW)
    with tenant_scope(beta):
        count_facts([fact("a"), fact("b")], now=NOW)

    assert (used(), used(tenant_id=BETA_ID)) == (1, 2)


@pytest.mark.usefixtures("in_alpha")
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_adds_up_to_the_same(order):
    facts = [fact("a:made", at(3)), fact("a:taken back", at(3), -1), fact("b:made", at(5))]

    for number in (*order, *order):
        count_facts([facts[number]], now=NOW)

    assert used() == 1


@pytest.mark.usefixtures("in_alpha")
def test_a_fact_that_has_grown_counts_what_it_grew_by_and_never_shrinks():
    for amount in (3, 8, 5):
        count_facts([fact("traffic:1", amount=amount)], now=NOW)

    assert used() == 8


@pytest.mark.usefixtures("in_alpha")
def test_a_late_fact_counts_in_its_own_month_while_that_is_open():
    count_facts([fact("a", at(31, 10))], now=at(3, hour=23))

    assert (used(month=OCTOBER), used()) == (1, 0)


def be_here_since(moment: datetime) -> None:
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(created_at=moment)


@pytest.mark.usefixtures("in_alpha")
def test_what_came_with_an_archive_counts_in_the_open_month_and_never_late():
    be_here_since(at(10))

    count_facts([fact("old:made", at(31, 10)), fact("mine:made", at(2))], now=NOW)

    assert used() == 1


@pytest.mark.usefixtures("in_alpha")
def test_a_fact_later_than_that_counts_in_the_month_under_way_with_a_note():
    be_here_since(at(1, 10))

    count_facts([fact("a", at(31, 10)), fact("b")], now=NOW)

    with platform_scope(reason="test"):
        row = MonthUsage.objects.get(meter=BOOKINGS.code, month_on=NOVEMBER)
        assert (row.amount, row.late_amount) == (2, 1)
        assert CountedFact.objects.get(key="a").is_late
    assert used(month=OCTOBER) == 0


@pytest.mark.usefixtures("in_alpha")
def test_what_nobody_remembers_is_not_counted_so_that_it_is_not_counted_twice():
    old = NOW - REMEMBERED - timedelta(days=2)
    count_facts([fact("a", old)], now=old)
    forget_old_usage(now=NOW)

    assert count_facts([fact("a", old)], now=NOW) == 0
    with platform_scope(reason="test"):
        assert not CountedFact.objects.exists()


@pytest.mark.usefixtures("in_alpha")
def test_facts_of_the_last_year_are_kept_and_counts_of_months_for_good():
    count_facts([fact("a"), fact("traffic:1")], now=NOW)

    forget_old_usage(now=NOW + timedelta(days=300))

    with platform_scope(reason="test"):
        assert list(CountedFact.objects.values_list("key", flat=True)) == ["a"]
    assert used() == 2


@pytest.mark.usefixtures("in_alpha")
def test_a_peak_is_the_most_there_was_at_once():
    for level in (5, 9, 7, 9):
        note_level(STORAGE, level, now=NOW)

    assert used(STORAGE) == 9


def test_nothing_of_a_sandbox_is_counted(alpha):
    with tenant_scope(replace(alpha, sandbox_of=BETA_ID)):
        count_facts([fact("a")], now=NOW)
        note_level(STORAGE, 5, now=NOW)

    assert (used(), used(STORAGE)) == (0, 0)


@pytest.mark.usefixtures("in_platform")
def test_who_is_gone_has_nothing_counted_and_the_others_have():
    gone = uuid4()
    zones = {gone: "UTC", ALPHA_ID: "UTC"}

    assert count_of_many([(gone, fact("a")), (ALPHA_ID, fact("a"))], zones=zones, now=NOW) == 1
    assert used() == 1


@pytest.mark.usefixtures("in_alpha")
def test_tokens_of_one_answer_count_once():
    for _time in range(2):
        count_ai_tokens(key="answer:1", tokens=700, occurred_at=NOW)

    with platform_scope(reason="test"):
        assert list(MonthUsage.objects.filter(meter=AI_TOKENS.code).values_list("amount", flat=True)) == [700]


@pytest.mark.usefixtures("in_alpha")
@pytest.mark.parametrize("wrong", [fact(""), fact("x" * 121), fact("a", meter=STORAGE)])
def test_a_fact_without_a_key_or_of_a_peak_is_a_mistake(wrong):
    with pytest.raises(ValueError, match="does not count"):
        count_facts([wrong], now=NOW)


@pytest.mark.proves("races.metering")
def test_racers_with_one_fact_count_it_once(own_database):
    alpha = context_for(ALPHA_ID)

    told = race(RACERS, lambda _number: count_facts([fact("a"), fact("b")], now=NOW), tenant=alpha)

    assert sorted(told) == [0] * (RACERS - 1) + [2]
    assert used() == 2


@pytest.mark.proves("races.metering")
@pytest.mark.control
def test_without_looking_at_what_was_there_the_same_race_counts_each(own_database, monkeypatch):
    statement = counting._COUNT.replace("WHERE EXCLUDED.amount > known.amount", "").replace("coalesce(was.amount, 0)", "0")
    monkeypatch.setattr(counting, "_COUNT", statement)
    alpha = context_for(ALPHA_ID)

    race(RACERS, lambda _number: count_facts([fact("a")], now=NOW), tenant=alpha)

    assert used() == RACERS


@pytest.mark.proves("races.metering")
@pytest.mark.parametrize(("dies", "counted"), [("before the commit", 0), ("after it", 1)])
def test_a_consumer_that_is_killed_counts_once_in_the_end(own_database, dies, counted):
    assert exit_codes([child(suffer, dies)]) == [-9]
    assert used() == counted

    with tenant_scope(context_for(ALPHA_ID)):
        count_facts([fact("a")], now=NOW)

    assert used() == 1


def suffer(dies: str) -> None:
    """Count a fact, and be killed on the way."""
    from django.db import connection

    with tenant_scope(context_for(ALPHA_ID)):
        if dies == "before the commit":
            connection._commit = die
        count_facts([fact("a")], now=NOW)
        die()
