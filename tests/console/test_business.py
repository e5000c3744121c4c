"""The operator's view of the business: figures that tie, in each currency by itself, and as files."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shared_apps.billing.models import BillingInvoice
from shared_apps.billing.services import keep_former_revenue
from shared_apps.billing.types import State
from shared_apps.business.models import MrrEntry
from shared_apps.plans.types import Interval
from tenants.models import Tenant
from tests.business.conftest import Town, town
from tests.console.happenings import words_of

__all__ = ["town"]
URL = "/console/business/"
PAGES = [URL, f"{URL}customers/", f"{URL}invoices/"]


def _table(client, name: str, currency: str = "EUR") -> list[dict[str, str]]:
    answer = client.get(f"{URL}{name}.csv", {"currency": currency})
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def _year(town: Town) -> None:
    """Three organizations: one grows and owes, one leaves and comes back, one is still in its trial."""
    one, two = town.someone(), town.someone(interval=Interval.YEAR)
    one.pays()
    two.pays()
    one.is_billed(1000, paid=1000)
    two.is_billed(10000, paid=9000)
    town.on(2)
    one.changes(plan_code="grand")
    one.is_billed(3000, paid=0, remaining=3000, status="open")
    one.goes(State.PAST_DUE)
    two.goes(State.CANCELLED)
    two.is_billed(-8000, paid=0)
    town.on(4)
    two.comes_back().pays()
    town.someone()
    two.is_billed(777, remaining=777, status="void")
    two.is_billed(500, remaining=500, status="uncollectible")
    town.on(5)


def test_the_page_shows_what_recurs_and_that_it_ties(town, support):
    _year(town)

    page = words_of(support.get(URL))

    # 3,000 of the one who owes and 833 of a year's 10,000.
    assert "MRR, and what this month changed €38.33" in page
    assert "ARR, twelve times that €459.96" in page
    assert "Organizations that pay 2" in page
    assert "MRR of those who owe €30.00" in page
    assert "Trials that were paid for 67 %" in page
    assert page.count("To the cent") == 3
    assert "do not tie" not in page


def test_a_ledger_that_is_not_whole_is_told(town, support):
    """Negative control."""
    _year(town)
    MrrEntry.objects.filter(movement="churn").delete()

    page = words_of(support.get(URL))

    assert "These figures do not tie." in page
    assert page.count("To the cent") == 2


def test_invoices_are_added_up_by_month(town, support):
    _year(town)

    page = words_of(support.get(f"{URL}invoices/"))
    rows = {row["month"]: row for row in _table(support, "revenue")}

    assert "Billed in twelve months €65.00" in page
    assert page.count("To the cent") == 3
    assert "Market 001 Payment failed" in page
    january, february, april = rows["2026-01"], rows["2026-02"], rows["2026-04"]
    assert (january["invoiced"], january["paid"], january["from_credit"]) == ("110.00", "100.00", "10.00")
    assert (february["invoiced"], february["open"], february["from_credit"]) == ("-50.00", "30.00", "-80.00")
    assert (april["invoices"], april["invoiced"], april["written_off"], april["voided"]) == ("1", "5.00", "5.00", "7.77")


def test_what_went_back_is_taken_off_what_was_paid(town, support):
    life = town.someone().pays()
    invoice = life.is_billed(10_000, paid=10_000)
    other = life.is_billed(5000, paid=5000)
    town.on(2)
    life.goes_back(invoice, 2500, state="returned")
    life.goes_back(other, 5000, state="open")
    town.on(3)
    life.goes_back(other, 5000, state="lost", number=2, fee=1500)

    page = words_of(support.get(f"{URL}invoices/"))
    rows = {row["month"]: row for row in _table(support, "revenue")}
    (owner,) = _table(support, "organizations")

    assert "Given back €25.00" in page
    assert "Lost in disputes, with fees €65.00" in page
    assert "Left of what was paid €60.00" in page
    assert page.count("To the cent") == 3
    assert (rows["2026-01"]["net"], rows["2026-02"]["refunded"], rows["2026-02"]["disputes_lost"]) == (
        "150.00",
        "25.00",
        "0.00",
    )
    assert (rows["2026-03"]["disputes_lost"], rows["2026-03"]["dispute_fees"], rows["2026-03"]["net"]) == (
        "50.00", "15.00", "-65.00",
    )  # fmt: skip
    assert (owner["paid"], owner["net"]) == ("150.00", "60.00")
    steps = [(row["step"], row["state"], row["amount"], row["fee"]) for row in _table(support, "reversals")]
    assert steps == [
        ("1", "returned", "25.00", "0.00"), ("1", "open", "50.00", "0.00"), ("2", "lost", "50.00", "15.00"),
    ]  # fmt: skip


def test_more_back_than_was_paid_does_not_tie(town, support):
    """Negative control."""
    life = town.someone().pays()
    life.goes_back(life.is_billed(1000, paid=1000), 1001, state="returned")

    assert "These figures do not tie." in words_of(support.get(f"{URL}invoices/"))


def test_the_files_are_the_same_sums_to_the_cent(town, support):
    _year(town)

    listed = sum(int(row["total"].replace(".", "")) for row in _table(support, "invoices") if row["status"] != "void")
    by_month = sum(int(row["invoiced"].replace(".", "")) for row in _table(support, "revenue"))
    by_owner = sum(int(row["invoiced"].replace(".", "")) for row in _table(support, "organizations"))
    moved = _table(support, "movements")

    assert listed == by_month == by_owner == 6500
    assert [row["mrr_after"] for row in moved[:-1]] == [row["mrr_before"] for row in moved[1:]]
    assert [row["mrr_after"] for row in moved[-5:]] == ["18.33", "30.00", "30.00", "38.33", "38.33"]
    assert [(row["movement"], row["before"], row["after"]) for row in _table(support, "ledger") if row["movement"]] == [
        ("new", "0.00", "10.00"), ("new", "0.00", "8.33"), ("expansion", "10.00", "30.00"), ("churn", "8.33", "0.00"),
        ("reactivation", "0.00", "8.33"),
    ]  # fmt: skip


def test_an_invoice_that_makes_no_sense_is_told(town, support):
    """Negative control."""
    town.someone().pays().is_billed(1000, paid=1000, remaining=1)

    assert "These figures do not tie." in words_of(support.get(f"{URL}invoices/"))


@pytest.mark.parametrize(
    ("currency", "mrr", "plain"), [("EUR", "€10.00", "10.00"), ("JPY", "JP¥1,500", "1500"), ("KWD", "KWD 12.340", "12.340")]
)
def test_each_currency_stands_by_itself_with_its_own_decimals(town, support, currency, mrr, plain):
    for each in ("EUR", "JPY", "KWD"):
        life = town.someone(currency=each).pays()
        life.is_billed({"EUR": 1000, "JPY": 1500, "KWD": 12340}[each], paid=1)

    page = words_of(support.get(URL, {"currency": currency}))

    assert f"this month changed {mrr}" in page
    assert _table(support, "movements", currency)[-1]["mrr_after"] == plain
    assert _table(support, "revenue", currency)[-1]["invoiced"] == plain


def test_cohorts_say_who_is_left(town, support):
    first, second = town.someone(), town.someone()
    first.pays()
    second.pays()
    town.on(2)
    first.changes(plan_code="grand")
    second.goes(State.CANCELLED)
    town.on(3)
    town.someone().pays()

    rows = [(row["began"], row["size"], row["months_later"], row["paying"], row["mrr"])
            for row in _table(support, "cohorts")]  # fmt: skip
    page = words_of(support.get(f"{URL}customers/"))

    assert rows == [
        ("2026-01", "2", "0", "2", "20.00"), ("2026-01", "2", "1", "1", "30.00"), ("2026-01", "2", "2", "1", "30.00"),
        ("2026-03", "1", "0", "1", "10.00"),
    ]  # fmt: skip
    assert "Jan 2026 2 100 % 50 % 50 %" in page
    assert "Jan 2026 €20.00 100 % 150 % 150 %" in page


def test_trials_and_failed_payments_end_in_one_of_three_ways(town, support):
    town.someone().pays().goes(State.PAST_DUE, State.ACTIVE)
    town.someone().pays().goes(State.PAST_DUE, State.GRACE, State.SUSPENDED)
    town.someone().pays().goes(State.PAST_DUE, State.GRACE)
    town.someone()
    town.someone().goes(State.CANCELLED)

    (trial,) = [row for row in _table(support, "trials") if row["begun"] != "0"]
    (failed,) = [row for row in _table(support, "failed-payments") if row["began"] != "0"]

    assert (trial["begun"], trial["converted"], trial["in_trial"], trial["ended_without_paying"]) == ("5", "3", "1", "1")
    assert (failed["began"], failed["paid_later"], failed["lost"], failed["still_owed"]) == ("3", "1", "1", "1")


def test_names_that_are_formulas_are_harmless_in_a_file(town, support):
    life = town.someone().pays()
    life.is_billed(1000, paid=1000)
    Tenant.objects.filter(pk=life.tenant_id).update(name="=HYPERLINK(A1)")

    assert [_table(support, name)[0]["name"] for name in ("organizations", "ledger", "invoices")] == ["'=HYPERLINK(A1)"] * 3


def test_who_is_erased_stays_in_the_sums_without_a_name(town, support):
    life = town.someone().pays()
    life.is_billed(1000, paid=1000)
    other = town.someone().pays()
    other.is_billed(500, paid=500)

    keep_former_revenue(tenant_ids=[life.tenant_id])
    BillingInvoice.objects.filter(tenant_id=life.tenant_id).delete()
    life.row.transitions.all().delete()
    life.row.delete()
    Tenant.objects.filter(pk=life.tenant_id).delete()

    page = words_of(support.get(URL))
    assert "this month changed €20.00" in page
    assert page.count("To the cent") == 3
    assert [row["name"] for row in _table(support, "ledger")][-1] == "Market 002"
    assert "Left of what was paid €15.00" in words_of(support.get(f"{URL}invoices/"))
    owners = [(row["name"], row["organization"] == "", row["net"]) for row in _table(support, "organizations")]
    assert owners == [("Market 002", False, "5.00"), ("", True, "10.00")]


@pytest.mark.parametrize("url", PAGES)
def test_before_anybody_subscribes_the_page_says_so(town, support, url):
    assert "Nobody has subscribed yet" in words_of(support.get(url))
    assert _table(support, "ledger") == []


def test_there_is_no_such_table(town, support):
    assert support.get(f"{URL}salaries.csv").status_code == 404


@pytest.mark.parametrize("url", PAGES)
def test_thirty_organizations_cost_no_more_queries_than_three(town, support, url, django_assert_num_queries):
    def live(number: int) -> None:
        for place in range(number):
            life = town.someone(currency=("EUR", "JPY")[place % 2]).pays()
            life.is_billed(1000, paid=0, remaining=1000, status="open")
            life.goes(State.PAST_DUE)

    live(3)
    support.get(url)
    with CaptureQueriesContext(connection) as few:
        support.get(url)
    live(27)

    with django_assert_num_queries(len(few)):
        assert support.get(url).status_code == 200


def test_an_invoice_of_a_clock_that_runs_ahead_has_its_column(town, support):
    life = town.someone().pays()
    town.on(4)
    life.is_billed(5900, remaining=5900, status="open")
    town.on(2)

    page = words_of(support.get(f"{URL}invoices/"))
    rows = _table(support, "revenue")

    assert "Billed in twelve months €59.00" in page
    assert page.count("To the cent") == 3
    assert (rows[-1]["month"], rows[-1]["invoiced"], len(rows)) == ("2026-04", "59.00", 12)


def test_a_trial_whose_first_payment_failed_was_not_paid_for(town, support):
    town.someone().pays()
    town.someone().owes_from_the_beginning()

    page = words_of(support.get(URL))

    assert "Trials that were paid for 50 %" in page
    assert "Organizations that pay 1" in page
    assert page.count("To the cent") == 3


def test_the_last_month_is_the_one_of_today(town, support):
    town.someone().pays()
    town.on(3)

    assert [row["month"] for row in _table(support, "movements")][-1] == date(2026, 3, 1).isoformat()[:7]


def use_of_everybody(tenant_ids, months):
    """What is counted, by `PLAN_USAGE`: six bookings each, and thirty of the last."""
    ids = sorted(tenant_ids)
    return {each: {month: {"bookings_per_month": 30 if each == ids[-1] else 6} for month in months} for each in ids}


def test_whose_use_stands_out_is_named(town, support, settings):
    settings.PLAN_USAGE = f"{__name__}.use_of_everybody"
    for _number in range(5):
        town.someone().pays()

    page = words_of(support.get(f"{URL}customers/"))

    assert "Market 005 plain Bookings a month 30 6 5" in page
    assert "Market 004" not in page


def test_where_everybody_uses_as_much_nobody_is_named(town, support):
    town.someone().pays()

    assert "Nobody uses three times what is usual" in words_of(support.get(f"{URL}customers/"))
