"""The owner's own pages of the subscription: how it stands, another plan to the penny, paying, going, coming back."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.stripe.fake.faults import CardFault
from integrations.stripe.fake.resources.payments import refund_charge
from integrations.stripe.gateway.checkout import CheckoutStatus
from shared_apps.billing.services import apply, apply_subscription, cancel, confirm_checkout, pass_time
from shared_apps.billing.types import State
from shared_apps.plans.models import Plan
from shared_apps.plans.types import Interval
from tenants.hosts import host_cache
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.billed import ANN, Street
from tests.backoffice.market import make_provider
from tests.factories.plans import next_version
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_member

MONTH = Interval.MONTH

PLAN = "/manage/settings/plan/"
CHANGE, PAID, CANCEL, INVOICES = (f"{PLAN}{name}/" for name in ("change", "paid", "cancel", "invoices"))


def _text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("\xa0", " ")


def _hidden(answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found is not None
    return found[1]


@pytest.fixture
def owner(as_, street):
    return as_("owner")


def test_a_trial_says_how_long_it_runs_and_where_to_go_on(owner, street: Street):
    page = _text(owner.get(PLAN))

    assert "Your trial runs until" in page
    assert "14 days left" in page
    assert "Choose how to pay" in page


def test_the_page_of_the_plan_asks_nothing_of_stripe(owner, street: Street):
    street.pay()
    street.is_away()

    for path in (PLAN, CHANGE, f"{CHANGE}?plan=hall", INVOICES, CANCEL, f"{PLAN}pay/"):
        assert owner.get(path).status_code in (200, 303)


def test_who_begins_to_pay_is_sent_to_stripe_and_comes_back_to_a_page_that_waits(owner, street: Street):
    answer = owner.post(f"{PLAN}checkout/", {"plan": "hall", "interval": "year"}, headers={"HX-Request": "true"})
    session = answer.headers["HX-Redirect"].rsplit("/", 1)[-1]

    waiting = owner.get(f"{PAID}?session={session}")
    assert "is being confirmed" in _text(waiting)
    assert 'hx-trigger="load delay:2s' in waiting.content.decode()
    still = owner.post(PAID, {"session": session, "turn": "1"}, headers={"HX-Request": "true"})
    assert "is being confirmed" in _text(still)
    street.fill_in(session)
    done = owner.post(PAID, {"session": session, "turn": "2"}, headers={"HX-Request": "true"})

    assert "Thank you: it is confirmed" in _text(done)
    assert (street.subscription().plan_code, street.subscription().interval) == ("hall", "year")
    assert "Thank you" in _text(owner.get(f"{PAID}?session={session}"))


def test_seats_that_are_chosen_with_the_first_payment_are_in_it(owner, street: Street):
    shown = owner.get(f"{CHANGE}?plan=studio&interval=month&number_extra-provider=2")
    sent = shown.content.decode().split(f'action="{PLAN}checkout/"')[1].split("</form>")[0]
    wanted = dict(re.findall(r'name="(plan|interval|number_extra-provider)" value="([^"]*)"', sent))
    answer = owner.post(f"{PLAN}checkout/", wanted, headers={"HX-Request": "true"})
    session = answer.headers["HX-Redirect"].rsplit("/", 1)[-1]

    street.fill_in(session)
    owner.post(PAID, {"session": session, "turn": "1"}, headers={"HX-Request": "true"})

    assert street.subscription().add_ons == {"extra-provider": [1, 2]}
    assert street.given().entitlements["max_providers"] == 27
    street.wait(days=15)
    assert street.charged() == [5100 + 2 * 350]


def test_without_script_a_link_leads_to_stripe(owner, street: Street):
    answer = owner.post(f"{PLAN}checkout/", {"plan": "studio", "interval": "month"})

    assert answer.status_code == 200
    assert re.search(r'href="http://stripe\.test/[^"]+"', answer.content.decode())


def test_ones_own_plan_is_chosen_at_its_own_price_also_when_it_is_retired(owner, street: Street):
    with platform_scope(reason="test"):
        next_version("studio", prices={("EUR", MONTH): 99_00, ("GBP", MONTH): 99_00})
        Plan.objects.filter(code="studio").update(is_offered=False)

    page = owner.get(CHANGE)

    cards = {code: card.text for code, card in page.context["form"].fields["plan"].choices}
    assert list(cards) == ["stall", "studio", "hall"]
    assert "£51" in cards["studio"]
    assert "£99" not in _text(page)


def test_a_page_that_asks_in_vain_stops_asking(owner, street: Street):
    page = owner.post(PAID, {"session": street.open_checkout(), "turn": "40"}).content.decode()

    assert "is being confirmed" in page
    assert "hx-trigger" not in re.search(r'<form method="post" action="[^"]*paid/"[^>]*>', page)[0]


def test_of_anothers_checkout_nothing_is_said(owner, street: Street, beta):
    session = street.session_of_a_stranger()

    page = _text(owner.post(PAID, {"session": session, "turn": "1"}))

    assert "Nothing was paid" in page
    assert street.subscription().stripe_id == ""


def test_an_upgrade_costs_what_was_shown(owner, street: Street):
    street.pay_after_the_trial()
    street.wait(days=11, hours=7)
    shown = owner.get(f"{CHANGE}?plan=hall&interval=month&show=1", headers={"HX-Request": "true"})
    due = re.search(r"data-due>£([\d.,]+)<", shown.content.decode())[1]

    street.wait(minutes=3)
    answer = owner.post(CHANGE, {"look": _hidden(shown, "look")})

    assert answer.status_code == 303
    assert f"{street.charged()[-1] / 100:.2f}" == due.replace(",", "")
    assert street.given().plan_code == "hall"


def test_without_script_a_press_shows_the_same(owner, street: Street):
    street.pay_after_the_trial()

    plain = owner.get(f"{CHANGE}?plan=hall&interval=month")
    shown = owner.get(f"{CHANGE}?plan=hall&interval=month&show=1")

    assert "data-due" not in plain.content.decode()
    assert "show=1" in plain.content.decode()
    assert "data-due" in shown.content.decode()
    assert "<h1>" in shown.content.decode()


def test_a_look_that_somebody_else_made_worthless_says_who_was_first(owner, street: Street):
    paid = street.pay_after_the_trial()
    shown = owner.get(f"{CHANGE}?plan=hall&interval=month&show=1")
    cancel(actor=ANN, tenant_id=ALPHA_ID, revision=paid.revision)

    answer = owner.post(CHANGE, {"look": _hidden(shown, "look")})

    assert answer.status_code == 409
    assert "Take the cancellation back first" in _text(answer)
    assert street.subscription().plan_code == "studio"


@pytest.mark.parametrize("look", ["", "forged", "eyJhIjoxfQ:1abc:xyz"])
def test_a_look_that_was_never_shown_changes_nothing(owner, street: Street, look):
    street.pay_after_the_trial()

    assert owner.post(CHANGE, {"look": look}).status_code == 409
    assert len(street.charged()) == 1


def test_a_look_grows_too_old(owner, street: Street, monkeypatch):
    street.pay_after_the_trial()
    look = _hidden(owner.get(f"{CHANGE}?plan=hall&interval=month&show=1"), "look")
    monkeypatch.setattr("tenant_apps.backoffice.services.looks._LIFE", -1)

    answer = owner.post(CHANGE, {"look": look})

    assert (answer.status_code, len(street.charged())) == (409, 1)
    assert "look at what it costs again" in _text(answer)


def test_a_refused_payment_is_told_in_words_and_nothing_changes(owner, street: Street):
    street.pay_after_the_trial()
    look = _hidden(owner.get(f"{CHANGE}?plan=hall&interval=month&show=1"), "look")
    street.local.faults.payments[""] = CardFault.DECLINE

    answer = owner.post(CHANGE, {"look": look})

    assert answer.status_code == 422
    assert "declined" in _text(answer)
    assert street.subscription().plan_code == "studio"


def test_a_smaller_plan_lists_what_does_not_fit_and_from_when(owner, street: Street, market):
    street.pay_after_the_trial()
    with tenant_scope(market):
        for number in range(10, 12):
            make_provider(make_member(f"p{number}@twin.example", "provider"), f"Person {number}", number)

    page = _text(owner.get(f"{CHANGE}?plan=stall&interval=month&show=1"))

    assert "4 of 3, 1 too many" in page
    assert "More than fits from" in page
    assert "Change it on that day" in page


def test_a_change_that_waits_is_shown_and_can_be_taken_back(owner, street: Street):
    street.pay_after_the_trial()
    look = _hidden(owner.get(f"{CHANGE}?plan=stall&interval=month&show=1"), "look")

    owner.post(CHANGE, {"look": look})
    page = owner.get(PLAN)
    assert "on the plan “Stall”" in _text(page)
    owner.post(f"{PLAN}stay/", {"revision": _hidden(page, "revision")})

    assert street.subscription().planned == {}
    assert "on the plan “Stall”" not in _text(owner.get(PLAN))


def test_seats_are_added_with_their_price_shown(owner, street: Street):
    street.pay_after_the_trial()
    shown = owner.get(f"{CHANGE}?plan=studio&interval=month&number_extra-provider=2&show=1")

    owner.post(CHANGE, {"look": _hidden(shown, "look")})

    assert street.subscription().add_ons == {"extra-provider": [1, 2]}
    assert street.given().entitlements["max_providers"] == 27


def test_a_link_to_another_plan_keeps_the_seats(owner, street: Street):
    street.pay_after_the_trial()
    shown = owner.get(f"{CHANGE}?plan=studio&number_extra-provider=2&show=1")
    owner.post(CHANGE, {"look": _hidden(shown, "look")})

    shown = owner.get(f"{CHANGE}?plan=stall&show=1")
    owner.post(CHANGE, {"look": _hidden(shown, "look")})

    planned = street.subscription().planned
    assert (planned["plan_code"], planned["add_ons"]) == ("stall", {"extra-provider": [1, 2]})


def test_seats_of_which_the_other_plan_has_no_limit_are_left_out_and_named(owner, street: Street):
    street.pay_after_the_trial()
    shown = owner.get(f"{CHANGE}?plan=studio&number_extra-provider=2&show=1")
    owner.post(CHANGE, {"look": _hidden(shown, "look")})

    shown = owner.get(f"{CHANGE}?plan=hall&number_extra-provider=2&show=1")
    owner.post(CHANGE, {"look": _hidden(shown, "look")})

    assert "Left out, since “Hall” has no limit of it: More " in _text(shown)
    assert (street.subscription().plan_code, street.subscription().add_ons) == ("hall", {})


def test_who_goes_says_why_and_can_come_back_until_the_end(owner, street: Street):
    paid = street.pay_after_the_trial()
    form = owner.get(CANCEL)
    assert "Everything works until" in _text(form)

    sent = {"revision": _hidden(form, "revision"), "reason": "too expensive", "words": "Winter is quiet"}
    assert owner.post(CANCEL, sent).status_code == 303
    order = street.last_order()
    assert order.parameters["reason"] == "too expensive: Winter is quiet"
    page = owner.get(PLAN)
    assert "Until then you can take it back" in _text(page)
    owner.post(f"{PLAN}come-back/", {"revision": _hidden(page, "revision")})

    assert (street.subscription().cancel_at, street.subscription().state) == (None, paid.state)


def test_two_who_go_at_once_are_told_of_each_other(owner, street: Street):
    street.pay_after_the_trial()
    revision = _hidden(owner.get(CANCEL), "revision")
    shown = owner.get(f"{CHANGE}?plan=hall&interval=month&show=1")
    owner.post(CHANGE, {"look": _hidden(shown, "look")})

    answer = owner.post(CANCEL, {"revision": revision})

    assert answer.status_code == 409
    assert "owner@twin.example was first: “Change the plan”" in _text(answer)
    assert street.subscription().cancel_at is None


def test_invoices_are_listed_with_their_files(owner, street: Street):
    assert "No invoice yet" in _text(owner.get(INVOICES))
    street.pay_after_the_trial()
    street.tell_invoices()

    page = owner.get(INVOICES)

    assert "£51.00" in _text(page)
    assert re.search(r'href="http://stripe\.test/[^"]+pdf[^"]*"', page.content.decode())
    assert "owner@" in _text(page) or "@" in _text(page)


def test_an_invoice_says_what_of_it_was_given_back(owner, street: Street):
    street.pay_after_the_trial()
    street.tell_invoices()
    unit = street.local.unit()
    charge = next(each for each in unit.all("charge") if each["paid"])
    refund_charge(unit, charge, 500)
    unit.commit()

    apply("charge", charge["id"])

    assert "Partly refunded" in _text(owner.get(INVOICES))


def test_what_is_open_is_one_press_away_on_every_page(owner, street: Street):
    paid = street.pay_after_the_trial()
    street.local.faults.payments[""] = CardFault.DECLINE
    street.wait(days=33)
    apply_subscription(paid.stripe_id)
    street.tell_invoices()
    host_cache.clear()

    home = owner.get("/manage/")
    assert 'class="notice-bar notice-bar-bad"' in home.content.decode()
    assert f'href="{PLAN}pay/"' in home.content.decode()
    pay = owner.get(f"{PLAN}pay/").content.decode()
    assert re.search(r'href="http://stripe\.test/[^"]+"', pay)


def test_the_grace_tells_its_last_day_and_its_way_out(owner, street: Street):
    street.wait(days=15)
    pass_time()
    host_cache.clear()

    assert "It closes on" in _text(owner.get("/manage/"))
    assert owner.get(f"{PLAN}pay/").url == CHANGE
    assert street.subscription().state == State.GRACE


def test_the_bar_costs_no_page_a_query(owner, street: Street):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert owner.get("/manage/").status_code == 200
        return len(captured)

    street.wait(days=15)
    owner.get("/manage/")
    before = queries()
    pass_time()
    host_cache.clear()
    assert "notice-bar" in owner.get("/manage/").content.decode()

    assert queries() == before


def test_only_who_can_pay_hears_of_it(as_, owner, street: Street):
    street.wait(days=15)
    pass_time()
    host_cache.clear()

    assert "notice-bar" not in as_("manager").get("/manage/").content.decode()


def test_a_trial_reminds_nobody_before_its_last_days(owner, street: Street):
    assert "notice-bar" not in owner.get("/manage/").content.decode()

    street.wait(days=10)

    assert "The trial ends in 4 days" in _text(owner.get("/manage/"))


def test_where_no_stripe_is_configured_nothing_is_offered_to_pay(owner, street: Street, settings):
    settings.STRIPE_SECRET_KEY = ""

    assert "Go on to payment" not in _text(owner.get(f"{CHANGE}?plan=hall"))
    assert "write to whoever runs the platform" in _text(owner.get(PLAN))


def test_the_portal_is_stripes(owner, street: Street):
    street.pay()

    answer = owner.post(f"{PLAN}portal/", headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"].startswith("http://stripe.test/p/")


def test_a_page_of_checkout_that_was_confirmed_twice_is_applied_once(owner, street: Street):
    session = street.open_checkout()
    street.fill_in(session)
    confirm_checkout(tenant_id=ALPHA_ID, session_id=session)
    before = street.subscription().revision

    owner.post(PAID, {"session": session, "turn": "1"})

    assert street.subscription().revision == before
    assert street.gateway.checkout.get(session).status is CheckoutStatus.COMPLETE
