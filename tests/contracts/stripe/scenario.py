"""One life of a customer at Stripe, by the library itself, with every kind of object that the gateway reads."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from stripe import StripeClient, StripeObject

HOUR, DAY = 3600, 86_400


class Scenario:
    """Makes things, and keeps the JSON of each by a name."""

    def __init__(self, client: StripeClient) -> None:
        self._api = client.v1
        self._run = uuid4().hex[:8]
        self.said: dict[str, Mapping[str, Any]] = {}

    def play(self) -> dict[str, Mapping[str, Any]]:
        now = int(time.time())
        clock = self._api.test_helpers.test_clocks.create({"frozen_time": now, "name": "contract"})
        self._keep("test clock", clock)
        customer = self._customers(clock.id)
        price, metered = self._catalogue()
        code = self._discounts()
        subscription = self._subscription(customer.id, price.id, code.id)
        self._usage(customer.id, metered.id)
        self._invoices(customer.id)
        self._pages(customer.id, price.id)
        advanced = self._api.test_helpers.test_clocks.advance(clock.id, {"frozen_time": now + 5 * DAY})
        self._keep("test clock, advanced", advanced)
        self._wait_for_clock(clock.id)
        changed = self._api.subscriptions.update(
            subscription.id,
            {"items": [{"id": subscription.items.data[0].id, "quantity": 4}], "proration_behavior": "always_invoice"},
        )
        self._keep("subscription, changed", changed)
        self._payments(customer.id, changed.latest_invoice)
        self._keep("subscription, ending", self._api.subscriptions.update(subscription.id, {"cancel_at_period_end": True}))
        self._keep("subscription, over", self._api.subscriptions.cancel(subscription.id))
        self._api.test_helpers.test_clocks.delete(clock.id)
        return self.said

    def _keep(self, name: str, made: StripeObject) -> None:
        assert made.last_response is not None
        self.said[name] = made.last_response.data

    def _wait_for_clock(self, clock_id: str) -> None:
        for _ in range(600):
            clock = self._api.test_helpers.test_clocks.retrieve(clock_id)
            if clock.status == "ready":
                return
            time.sleep(0.1)
        raise AssertionError("the test clock did not get ready")

    def _customers(self, clock_id: str):
        customers = self._api.customers
        customer = customers.create(
            {
                "name": "Contract Ltd",
                "email": f"{self._run}@example.com",
                "address": {"line1": "1 Mill Lane", "country": "GB"},
                "preferred_locales": ["fr"],
                "metadata": {"tenant": "t1"},
                "test_clock": clock_id,
            }
        )
        self._keep("customer", customer)
        self._keep("tax id", customers.tax_ids.create(customer.id, {"type": "eu_vat", "value": "DE123456789"}))
        credit = {"amount": -150, "currency": "usd", "description": "sorry"}
        self._keep("balance line", customers.balance_transactions.create(customer.id, credit))
        card = self._api.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        self._keep("payment method", card)
        settings = {"invoice_settings": {"default_payment_method": card.id}}
        self._keep("customer, with a card", customers.update(customer.id, settings))
        self._keep("payment methods", customers.payment_methods.list(customer.id))
        intent = self._api.setup_intents.create({"customer": customer.id, "usage": "off_session"})
        self._keep("setup intent", intent)
        return customer

    def _catalogue(self):
        product = self._api.products.create({"name": "Hall", "description": "For contracts", "metadata": {"plan": "hall"}})
        self._keep("product", product)
        price = self._api.prices.create(
            {"product": product.id, "unit_amount": 1000, "currency": "usd", "recurring": {"interval": "month"}}
        )
        self._keep("price", price)
        meter = self._api.billing.meters.create(
            {
                "display_name": "Contract",
                "event_name": f"contract_{self._run}",
                "default_aggregation": {"formula": "sum"},
                "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
                "value_settings": {"event_payload_key": "value"},
            }
        )
        self._keep("meter", meter)
        metered = self._api.prices.create(
            {
                "product": product.id,
                "unit_amount_decimal": "0.4",
                "currency": "usd",
                "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
            }
        )
        self._keep("metered price", metered)
        return price, meter

    def _discounts(self):
        coupon = self._api.coupons.create(
            {"percent_off": 12.5, "duration": "repeating", "duration_in_months": 3, "name": "Contract"}
        )
        self._keep("coupon", coupon)
        code = self._api.promotion_codes.create(
            {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": f"CODE{self._run}"}
        )
        self._keep("promotion code", code)
        return code

    def _subscription(self, customer_id: str, price_id: str, code_id: str):
        preview = self._api.invoices.create_preview(
            {"customer": customer_id, "subscription_details": {"items": [{"price": price_id, "quantity": 2}]}}
        )
        self._keep("preview", preview)
        subscription = self._api.subscriptions.create(
            {
                "customer": customer_id,
                "items": [{"price": price_id, "quantity": 2}],
                "discounts": [{"promotion_code": code_id}],
                "metadata": {"tenant": "t1"},
            }
        )
        self._keep("subscription", subscription)
        expand = {"expand": ["payments", "discounts"]}
        self._keep("invoice", self._api.invoices.retrieve(str(subscription.latest_invoice), expand))
        self._keep("invoice lines", self._api.invoices.line_items.list(str(subscription.latest_invoice)))
        return subscription

    def _usage(self, customer_id: str, meter_id: str) -> None:
        event = {
            "event_name": f"contract_{self._run}",
            "identifier": f"contract-{self._run}",
            "payload": {"stripe_customer_id": customer_id, "value": "7"},
        }
        self._keep("meter event", self._api.billing.meter_events.create(event))
        start = int(time.time()) // 60 * 60 - HOUR
        asked = {"customer": customer_id, "start_time": start, "end_time": start + 2 * HOUR}
        self._keep("usage", self._api.billing.meters.event_summaries.list(meter_id, asked))

    def _invoices(self, customer_id: str) -> None:
        invoices = self._api.invoices
        draft = invoices.create(
            {
                "customer": customer_id,
                "currency": "usd",
                "collection_method": "send_invoice",
                "days_until_due": 30,
                "pending_invoice_items_behavior": "exclude",
                "custom_fields": [{"name": "Purchase order", "value": "PO-7"}],
            }
        )
        self._keep("draft", draft)
        item = {"customer": customer_id, "invoice": draft.id, "amount": 5000, "currency": "usd", "description": "Set-up"}
        self._keep("invoice item", self._api.invoice_items.create(item))
        rate = self._api.tax_rates.create({"display_name": "VAT", "percentage": 7.5, "inclusive": False})
        self._keep("tax rate", rate)
        units = {"customer": customer_id, "invoice": draft.id, "currency": "usd", "description": "Days", "tax_rates": [rate.id]}
        self._keep("units", self._api.invoice_items.create(units | {"unit_amount_decimal": Decimal(700), "quantity": 3}))
        self._keep("invoice, final", invoices.finalize_invoice(draft.id, {"auto_advance": False}))
        self._keep("invoice, sent", invoices.send_invoice(draft.id))
        note = self._api.credit_notes.create({"invoice": draft.id, "amount": 1000, "reason": "order_change"})
        self._keep("credit note", note)
        self._keep("invoice, by bank", invoices.pay(draft.id, {"paid_out_of_band": True}))

    def _pages(self, customer_id: str, price_id: str) -> None:
        shared = {"customer": customer_id, "success_url": "https://example.com/{CHECKOUT_SESSION_ID}"}
        sessions = self._api.checkout.sessions
        bought = {
            "mode": "subscription",
            "line_items": [{"price": price_id, "quantity": 1}],
            "cancel_url": "https://example.com/",
        }
        self._keep("checkout", sessions.create(shared | bought | {"expand": ["line_items"]}))
        saved = sessions.create(shared | {"mode": "setup", "currency": "usd"})
        self._keep("checkout of a card", saved)
        self._keep("checkout, expired", sessions.expire(saved.id))
        visit = {"customer": customer_id, "return_url": "https://example.com/"}
        self._keep("portal", self._api.billing_portal.sessions.create(visit))

    def _payments(self, customer_id: str, invoice: object) -> None:
        payments = self._api.invoice_payments.list({"invoice": str(invoice)})
        self._keep("invoice payments", payments)
        intent = self._api.payment_intents.retrieve(str(payments.data[0].payment.payment_intent))
        self._keep("payment intent", intent)
        self._keep("charge", self._api.charges.retrieve(str(intent.latest_charge)))
        self._keep("refund", self._api.refunds.create({"charge": str(intent.latest_charge), "amount": 100}))
        self._keep("refunds", self._api.refunds.list({"charge": str(intent.latest_charge)}))
        of_intent = {"payment": {"type": "payment_intent", "payment_intent": intent.id}}
        self._keep("invoice payments, of a payment", self._api.invoice_payments.list(of_intent))
        self._keep("charges", self._api.charges.list({"customer": customer_id}))
        self._keep("events", self._api.events.list({"limit": 20}))
