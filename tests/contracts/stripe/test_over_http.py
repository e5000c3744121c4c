"""The local Stripe as people and programs meet it: over HTTP, its pages, its webhooks, its switches."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Generator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import SimpleNamespace

import pytest

from integrations.stripe import StripeGateway, read_event
from integrations.stripe.errors import Away, KeyInUse, WebhookRefused
from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.outgoing import Outgoing
from integrations.stripe.fake.web.delivering import Deliverer
from integrations.stripe.gateway.catalogue import Interval
from integrations.stripe.gateway.checkout import CheckoutStatus, PaymentStatus
from integrations.stripe.gateway.subscription import ItemChange, SubscriptionStatus
from integrations.stripe.transport import Transport
from kernel.http_client import HttpAnswer, HttpClient
from kernel.money import Money
from tests.contracts.stripe.conftest import wait_for

VISA, DECLINED, ASKS = "4242424242424242", "4000 0000 0000 0341", "4000 0025 0000 3155"


@pytest.fixture
def web(target) -> Generator[HttpClient]:
    if target.is_real:
        pytest.fail("these tests are of the local Stripe: run them without STRIPE_SECRET_KEY")
    with HttpClient(allow_private=[target.place]) as client:
        yield client


@pytest.fixture
def gateway(target, web) -> StripeGateway:
    return StripeGateway(api_key=TEST_KEY, api_base=f"http://{target.place}", http=Transport(web))


@pytest.fixture
def customer(gateway, key):
    return gateway.customers.create(name="Ada <Ltd>", email="ada@example.test", metadata={}, idempotency_key=key())


@pytest.fixture
def price(gateway, key):
    product = gateway.products.create(name="Hall", metadata={}, idempotency_key=key())
    return gateway.prices.create(
        product_id=product.id, unit_amount=Money(1200, "GBP"), interval=Interval.MONTH, metadata={}, idempotency_key=key()
    )


@pytest.fixture
def key(request):
    numbers = iter(range(1000))
    return lambda: f"{request.node.name}-{next(numbers)}"


@pytest.fixture
def checkout(gateway, customer, price, key):
    def make(**wishes):
        return gateway.checkout.create_for_subscription(
            customer_id=customer.id,
            items=[ItemChange(price_id=price.id, quantity=2)],
            success_url="http://localhost:8000/done?session={CHECKOUT_SESSION_ID}",
            cancel_url="http://localhost:8000/plans",
            reference="t1",
            metadata={"tenant": "t1"},
            idempotency_key=key(),
            **wishes,
        )

    return make


def filled(number: str, **others: str) -> dict[str, str]:
    return {"number": number, "expires": "12/34", "cvc": "123"} | others


def text_of(answer: HttpAnswer) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", answer.text))


def hidden_of(answer: HttpAnswer) -> dict[str, str]:
    """The hidden fields of the first form of a page."""
    first = answer.text.split("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', first)}


def test_checkout_is_filled_in_and_leads_back(web, gateway, checkout):
    session = checkout()
    shown = web.get(session.url)

    done = web.request("POST", session.url, form=filled(VISA))

    assert "£12.00 every month" in text_of(shown)
    assert "£24.00" in text_of(shown)
    assert (done.status, done.headers["location"]) == (303, f"http://localhost:8000/done?session={session.id}")
    complete = gateway.checkout.get(session.id)
    assert (complete.status, complete.payment_status, complete.reference) == (CheckoutStatus.COMPLETE, PaymentStatus.PAID, "t1")
    subscription = gateway.subscriptions.get(complete.subscription_id)
    assert (subscription.status, dict(subscription.metadata)) == (SubscriptionStatus.ACTIVE, {"tenant": "t1"})
    assert gateway.payments.methods(session.customer_id)[0].last4 == "4242"


def test_a_declined_card_keeps_the_page_open_and_says_so(web, gateway, checkout):
    session = checkout()

    refused = web.request("POST", session.url, form=filled(DECLINED))

    assert refused.status == 402
    assert 'role="alert"' in refused.text
    assert "Your card was declined." in text_of(refused)
    assert gateway.checkout.get(session.id).status is CheckoutStatus.OPEN
    assert gateway.subscriptions.all(customer_id=session.customer_id) == []
    assert web.request("POST", session.url, form=filled(VISA)).status == 303


@pytest.mark.parametrize("number", ["4111111111111111", "1", ""])
def test_no_other_card_than_a_test_card_is_taken(web, gateway, checkout, number):
    session = checkout()

    refused = web.request("POST", session.url, form=filled(number))

    assert "no real card works here" in text_of(refused)
    assert gateway.payments.methods(session.customer_id) == []


@pytest.mark.parametrize(("confirmed", "status"), [("yes", CheckoutStatus.COMPLETE), ("no", CheckoutStatus.OPEN)])
def test_a_bank_that_wants_to_be_asked_is_asked_on_a_page_of_its_own(web, gateway, checkout, confirmed, status):
    session = checkout()
    asks = web.request("POST", session.url, form=filled(ASKS))

    web.request("POST", session.url, form=hidden_of(asks) | {"confirmed": confirmed})

    assert "Is that you?" in text_of(asks)
    assert gateway.checkout.get(session.id).status is status


def test_a_code_that_is_typed_lowers_the_price(web, gateway, checkout, key):
    from integrations.stripe.gateway.discounts import Duration

    coupon = gateway.discounts.create_coupon(name="Half", duration=Duration.ONCE, off_basis_points=5000, idempotency_key=key())
    gateway.discounts.create_code(coupon_id=coupon.id, code="HALF", idempotency_key=key())
    session = checkout(takes_promotion_codes=True)
    unknown = web.request("POST", session.url, form=filled(VISA, code="NOTHING"))

    web.request("POST", session.url, form=filled(VISA, code="half"))

    assert "does not exist" in text_of(unknown)
    invoice = gateway.invoices.get(gateway.checkout.get(session.id).invoice_id)
    assert (invoice.subtotal, invoice.amount_paid) == (Money(2400, "GBP"), Money(1200, "GBP"))


def test_a_card_is_left_for_later(web, gateway, customer, key):
    session = gateway.checkout.create_for_card(
        customer_id=customer.id,
        currency="GBP",
        success_url="http://localhost:8000/",
        cancel_url="http://localhost:8000/",
        reference="t1",
        metadata={},
        idempotency_key=key(),
    )

    web.request("POST", session.url, form=filled(VISA))

    intent = gateway.payments.get_setup_intent(session.setup_intent_id)
    assert (intent.status, intent.payment_method_id) == ("succeeded", gateway.payments.methods(customer.id)[0].id)


def test_the_portal_cancels_keeps_and_changes_the_card(web, gateway, checkout, key):
    session = checkout()
    web.request("POST", session.url, form=filled(VISA))
    subscription_id = gateway.checkout.get(session.id).subscription_id
    visit = gateway.checkout.open_portal(
        customer_id=session.customer_id, return_url="http://localhost:8000/", idempotency_key=key()
    )

    web.request("POST", visit.url, form={"act": "cancel", "subscription": subscription_id})
    cancelled = gateway.subscriptions.get(subscription_id)
    web.request("POST", visit.url, form={"act": "keep", "subscription": subscription_id})
    web.request("POST", visit.url, form=filled("5555555555554444", act="add"))

    page = web.get(visit.url)
    kept = gateway.subscriptions.get(subscription_id)
    assert (cancelled.is_cancelled_at_period_end, kept.is_cancelled_at_period_end) == (True, False)
    assert gateway.payments.get_method(kept.default_payment_method_id).brand == "mastercard"
    assert "mastercard ending in 4444" in text_of(page)
    assert "Ada <Ltd>" in unescape(page.text)
    assert "Ada <Ltd>" not in page.text


def test_an_open_invoice_is_paid_on_its_own_page_and_is_a_pdf(web, gateway, customer, key):
    draft = gateway.invoices.create_draft(
        customer_id=customer.id, currency="GBP", days_until_due=30, metadata={}, idempotency_key=key()
    )
    gateway.invoices.add_line(
        draft.id, customer_id=customer.id, amount=Money(5000, "GBP"), description="Set-up (one)", idempotency_key=key()
    )
    invoice = gateway.invoices.finalize(draft.id, idempotency_key=key())
    pdf = web.get(invoice.pdf_url)
    refused = web.request("POST", invoice.hosted_url, form=filled(DECLINED))

    paid = web.request("POST", invoice.hosted_url, form=filled(VISA))

    assert (refused.status, paid.status) == (402, 303)
    assert gateway.invoices.get(invoice.id).amount_paid == Money(5000, "GBP")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body.startswith(b"%PDF-1.4")
    assert rb"Set-up \(one\): \24350.00".replace(rb"\243", "£".encode("cp1252")) in pdf.body


@pytest.mark.parametrize("path", ["/_control/", "/c/cs_nothing", "/nothing"])
def test_every_page_has_a_strict_policy_and_says_that_it_is_no_real_stripe(web, target, path):
    shown = web.get(f"http://{target.place}{path}")

    policy = shown.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
    assert "unsafe" not in policy
    # A browser names the origin of its forms only then, and a form from nowhere is refused.
    assert shown.headers["referrer-policy"] == "same-origin"
    assert "Local Stripe: test mode" in shown.text
    assert not re.search(r"<script|\sstyle=|\son\w+=", shown.text)


@pytest.mark.parametrize("origin", ["http://evil.test", "null"])
def test_a_form_of_another_site_switches_nothing(web, target, origin):
    address = f"http://{target.place}/_control/payment"

    refused = web.request("POST", address, form={"what": "decline"}, headers={"Origin": origin})

    assert refused.status == 403
    assert target.local.faults.payments == {}


def test_the_switches_are_a_page_and_an_interface(web, target, gateway, checkout):
    said = {"Accept": "application/json"}
    address = f"http://{target.place}/_control"
    session = checkout()
    web.request("POST", session.url, form=filled(VISA))
    [charge] = gateway.payments.charges(customer_id=session.customer_id)
    method = gateway.payments.methods(session.customer_id)[0]

    disputed = web.request("POST", f"{address}/dispute", form={"charge": charge.id}, headers=said)
    expired = web.request("POST", f"{address}/expire_card", form={"payment_method": method.id})
    unknown = web.request("POST", f"{address}/nothing", headers=said)

    assert disputed.status == 200
    assert gateway.payments.get_charge(charge.id).is_disputed
    assert "has expired" in text_of(expired)
    assert gateway.payments.get_method(method.id).expires_year == 2020
    assert unknown.status == 400
    assert web.get(f"{address}/state").json()["webhooks"]["held"] is False


def test_a_lost_reply_breaks_the_connection_and_the_same_key_finishes(web, target, gateway, key):
    web.request("POST", f"http://{target.place}/_control/fault", form={"fault": "lost", "only": "POST /v1/customers"})
    asked = {"name": "A", "email": "a@example.test", "metadata": {}, "idempotency_key": key()}
    with pytest.raises(Away) as failure:
        gateway.customers.create(**asked)

    made = gateway.customers.create(**asked)

    assert failure.value.was_sent
    assert gateway.customers.get(made.id) == made


def test_a_slow_request_holds_up_nobody_else(web, target, gateway, key, monkeypatch):
    """And a second try with its key, while it is under way, is told so (409)."""
    pauses, go_on = [], Event()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if seconds:
            await asyncio.to_thread(go_on.wait, 30)

    monkeypatch.setattr("integrations.stripe.fake.web.app.asyncio", SimpleNamespace(sleep=pause))
    form = {"fault": "slow", "seconds": "30", "only": "POST /v1/products"}
    web.request("POST", f"http://{target.place}/_control/fault", form=form)
    asked = {"name": "P", "metadata": {}, "idempotency_key": key()}
    slow = Thread(target=lambda: gateway.products.create(**asked), daemon=True)
    slow.start()
    wait_for(lambda: 30.0 in pauses)

    with pytest.raises(KeyInUse):
        gateway.products.create(**asked)
    other = gateway.products.create(name="Q", metadata={}, idempotency_key=key())
    go_on.set()
    slow.join(30)

    assert gateway.products.create(**asked).id != other.id
    assert [product.name for product in gateway.products.all()][:2] == ["P", "Q"]


class TestDelivering:
    """Signed webhooks over real HTTP, to somebody who is away at first."""

    @pytest.fixture
    def receiver(self):
        taken: list[tuple[bytes, str]] = []
        answers: list[int] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                taken.append((body, self.headers["Stripe-Signature"]))
                self.send_response(answers.pop(0) if answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on the screen."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], taken, answers
        server.shutdown()
        server.server_close()

    def test_an_event_that_was_refused_comes_again_with_both_secrets(self, receiver, monkeypatch):
        port, taken, answers = receiver
        answers.append(500)
        monkeypatch.setattr("integrations.stripe.fake.outgoing.BACKOFF_SECONDS", (0, 0, 0))
        local = LocalStripe()
        outgoing = Outgoing(local.store, ["whsec_old", "whsec_new"])
        unit = local.unit()
        unit.tell("customer.created", unit.new("customer", "cus", balance=0, tax_exempt="none"))
        unit.commit()

        asyncio.run(self._deliver(local, outgoing, port, lambda: local.events()[0]["pending_webhooks"] == 0))

        assert len(taken) == 2
        events = [read_event(body, header, [secret]) for body, header in taken for secret in ("whsec_old", "whsec_new")]
        assert {event.id for event in events} == {json.loads(taken[0][0])["id"]}
        with pytest.raises(WebhookRefused):
            read_event(*taken[0], ["whsec_other"])
        assert local.store.fresh == []

    async def _deliver(self, local, outgoing, port, is_done) -> None:
        task = asyncio.create_task(Deliverer(local, outgoing, [f"http://127.0.0.1:{port}/webhooks/stripe/"]).run())
        async with asyncio.timeout(30):
            while not is_done():  # noqa: ASYNC110  # what is waited for happens in a thread
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
