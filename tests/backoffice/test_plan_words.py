"""What an owner reads of the subscription is true at every turn: until when it is free, what it costs, what changes."""

from __future__ import annotations

import re

import pytest

from integrations.stripe.fake.faults import CardFault
from shared_apps.billing.models import BillingInvoice
from shared_apps.billing.services import apply_subscription, cancel_now, pass_time
from tenants.hosts import host_cache
from tenants.scope import platform_scope
from tests.backoffice.billed import Street
from tests.backoffice.test_plan_pay import CANCEL, CHANGE, INVOICES, PAID, PLAN, _hidden, _text
from tests.backoffice.test_unpaid import PAGE, _owner
from tests.billing.test_leaving import OPERATOR
from tests.factories.tenants import ALPHA_ID


@pytest.fixture
def owner(as_, street):
    return as_("owner")


def _fails(street: Street, card: CardFault) -> None:
    paid = street.pay_after_the_trial()
    street.local.faults.payments[""] = card
    street.wait(days=33)
    apply_subscription(paid.stripe_id)
    street.tell_invoices()


def _seats(owner, number: int) -> None:
    shown = owner.get(f"{CHANGE}?plan=studio&interval=month&number_extra-provider={number}&show=1")
    owner.post(CHANGE, {"look": _hidden(shown, "look")})
    host_cache.clear()


def test_home_says_which_plan_is_tried_and_how_long(as_, owner, street: Street):
    assert "Trial of “Studio”: 14 days left." in _text(owner.get("/manage/"))
    assert "Trial of" not in _text(as_("manager").get("/manage/"))

    street.pay()

    assert "Trial of" not in _text(owner.get("/manage/"))


def test_before_checkout_one_reads_what_is_charged_today_and_when_first(owner, street: Street):
    page = _text(owner.get(f"{CHANGE}?plan=studio&interval=month"))
    assert "Today £0.00 First charged" in page

    street.wait(days=15)
    pass_time()
    host_cache.clear()

    assert "First charged Today" in _text(owner.get(f"{CHANGE}?plan=studio&interval=month"))


def test_who_cancels_a_trial_reads_its_day(owner, street: Street):
    page = _text(owner.get(CANCEL))

    assert re.search(r"Everything works until \d+ \w+ \d{4} ?, and nothing is charged", page)
    assert "two more weeks" not in page


def test_a_made_up_way_back_from_checkout_confirms_nothing(owner, street: Street):
    street.pay()

    assert "Nothing was paid" in _text(owner.get(f"{PAID}?session=xxx"))


@pytest.mark.parametrize(("number", "words"), [("99999", "500"), ("-1", "0"), ("abc", "number")])
def test_a_wrong_number_of_seats_is_told_beside_the_price(owner, street: Street, number, words):
    answer = owner.get(
        f"{CHANGE}?plan=studio&interval=month&number_extra-provider={number}&show=1", headers={"HX-Request": "true"}
    )

    assert re.search(rf'class="error"[^>]*>[^<]*: [^<]*{words}', answer.content.decode())


def test_what_changes_counts_seats_and_says_nothing_of_an_api_that_is_not_there(owner, street: Street):
    street.pay_after_the_trial()
    _seats(owner, 2)

    page = _text(owner.get(f"{CHANGE}?plan=hall&interval=month"))
    changed = page[page.index("What changes") :]
    assert "Providers 27 no limit" in changed
    smaller = _text(owner.get(f"{CHANGE}?plan=stall&interval=month&number_extra-provider=2"))

    assert "Providers 27 5" in smaller
    assert "API requests a minute" not in smaller


def test_the_head_of_the_page_says_what_is_paid_with_all_that_is_beside_it(owner, street: Street):
    street.pay_after_the_trial()
    _seats(owner, 2)

    assert "it costs £58 a month" in _text(owner.get(PLAN))


def test_what_is_coming_is_announced_and_not_sold(owner, street: Street):
    page = owner.get(PLAN).content.decode()

    assert 'data-locked="sso"' not in page
    assert "Single sign-on (soon)" in page


def test_an_invoice_of_nothing_is_not_listed(owner, street: Street):
    street.pay()
    street.tell_invoices()
    with platform_scope(reason="test"):
        assert list(BillingInvoice.objects.values_list("total_minor", flat=True)) == [0]

    assert "No invoice yet" in _text(owner.get(INVOICES))


def test_a_failed_payment_says_when_it_is_tried_again(owner, street: Street):
    _fails(street, CardFault.DECLINE)

    assert re.search(r"It is tried again on \d+ \w+ \d{4}", _text(owner.get(PLAN)))


def test_where_stripe_has_given_up_nothing_is_said_of_another_try(owner, street: Street):
    _fails(street, CardFault.DECLINE)
    with platform_scope(reason="test"):
        BillingInvoice.objects.update(next_attempt_at=None)

    page = _text(owner.get(PLAN))

    assert "it is not tried again by itself" in page
    assert "It is tried again" not in page


def test_a_bank_that_asks_back_is_named(owner, street: Street):
    _fails(street, CardFault.AUTHENTICATE)

    assert "Your bank wants you to confirm the last payment" in _text(owner.get(PLAN))


def test_who_has_ended_it_chooses_anew_on_the_platform_and_is_back(market, as_, street: Street):
    paid = street.pay_after_the_trial()
    with platform_scope(reason="test"):
        cancel_now(actor=OPERATOR, tenant_id=ALPHA_ID, revision=paid.revision, reason="they asked")
    host_cache.clear()
    client = _owner(market)
    assert "Pay for" in _text(client.get("/account/"))
    page = _text(client.get(PAGE))
    assert "Its subscription has ended." in page
    assert "Pay monthly" in page
    assert f'{PAGE}"' in as_("owner").get("/manage/").content.decode()

    leaving = client.post(f"{PAGE}checkout/", {"interval": "month"}).content.decode()
    street.fill_in(re.search(r'href="http://stripe\.test/[^"]*?/([^"/]+)"', leaving)[1])
    for theirs in street.gateway.subscriptions.all():
        street.apply(theirs.id)

    anew = street.subscription()
    assert (anew.state, anew.plan_code, anew.pk != paid.pk) == ("active", "studio", True)
    assert street.charged() == [5100, 5100]
    assert client.get(PAGE)["Location"] == "/account/"


def test_closed_pages_lead_their_owner_to_where_it_is_paid(as_, street: Street):
    for days in (15, 15):
        street.wait(days=days)
        pass_time()
    host_cache.clear()

    answer = as_("owner").get(PLAN)

    assert answer.status_code == 403
    assert "Why, and how to pay" in _text(answer)
    assert "Sign in as its owner" not in _text(answer)
