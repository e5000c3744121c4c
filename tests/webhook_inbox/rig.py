"""A local Stripe in the process, an applier that keeps customers in a book of its own, and a worker's hands."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from django.test import Client

from integrations.stripe import StripeGateway
from integrations.stripe.errors import NoSuchObject
from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.outgoing import Outgoing, Webhook
from integrations.stripe.fake.transport import InProcess
from kernel import clock
from kernel.money import Money
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import Outcome, deliver
from shared_apps.webhook_inbox.errors import NobodysObject
from shared_apps.webhook_inbox.jobs import ApplyWebhook, ReconcileWebhooks
from shared_apps.webhook_inbox.models import WebhookEvent
from shared_apps.webhook_inbox.services import keep_event, receive_webhook, register_applier
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID

SECRET = "whsec_ours"
OTHER_SECRET = "whsec_next"
URL = "/webhooks/stripe/"
_JOBS = (ApplyWebhook.event_type, ReconcileWebhooks.event_type)


class Rig:
    """Stripe on one side, the book on the other; `trouble` is what the next looks at objects raise."""

    def __init__(self) -> None:
        self.local = LocalStripe(frozen_at=datetime(2026, 4, 1, tzinfo=UTC))
        self.outgoing = Outgoing(self.local.store, [SECRET])
        self.gateway = StripeGateway(api_key=TEST_KEY, http=InProcess(self.local), api_base="http://stripe.test")
        self.book: dict[str, tuple[str, str]] = {}
        self.looks: list[tuple[str, str]] = []
        self.trouble: list[Exception] = []
        self.strangers: set[str] = set()
        self.owner: UUID | None = ALPHA_ID
        self._keys = count(1)

    def key(self) -> str:
        return f"key-{next(self._keys)}"

    def customer(self, name: str = "Ada Ltd", **wishes) -> str:
        """A new customer at Stripe; its id."""
        made = self.gateway.customers.create(
            name=name, email="ada@example.test", metadata=wishes.pop("metadata", {}), idempotency_key=self.key(), **wishes
        )
        return made.id

    def price(self, amount_minor: int) -> str:
        """A price at Stripe of which we want to hear nothing; its id."""
        product = self.gateway.products.create(name="Tea", metadata={}, idempotency_key=self.key())
        made = self.gateway.prices.create(
            product_id=product.id,
            unit_amount=Money(amount_minor, "EUR"),
            interval=None,
            metadata={},
            idempotency_key=self.key(),
        )
        return made.id

    def rename(self, customer_id: str, name: str) -> None:
        self.gateway.customers.update(customer_id, name=name, idempotency_key=self.key())

    def delete(self, customer_id: str) -> None:
        self.gateway.customers._door.v1.customers.delete(customer_id)

    def apply(self, kind: str, object_id: str) -> UUID | None:
        """The applier under test's hand: fetch, write what is there."""
        self.looks.append((kind, object_id))
        if self.trouble:
            raise self.trouble.pop(0)
        if object_id in self.strangers:
            raise NobodysObject(f"{object_id} is nobody's")
        found = None
        with suppress(NoSuchObject):
            found = self.gateway.customers.get(object_id)
        if found is None or found.is_deleted:
            self.book.pop(object_id, None)
        else:
            self.book[object_id] = (found.name, found.email)
        return self.owner

    def register(self) -> None:
        register_applier("customer", self.apply)

    def sent(self) -> list[Webhook]:
        """What Stripe sends now, the oldest first."""
        return self.outgoing.take()

    def take_in(self, *webhooks: Webhook) -> None:
        """Each comes in, as from the address."""
        with platform_scope(reason="test"):
            for webhook in webhooks:
                receive_webhook(body=webhook.body, header=webhook.signature, secrets=[SECRET])

    def find(self, *event_ids: str) -> None:
        """As the reconciler takes in what never came."""
        with platform_scope(reason="test"):
            for event_id in event_ids:
                keep_event(self.gateway.events.get(event_id), is_found=True)


def post(webhook: Webhook | None, *, client: Client | None = None, **changes):
    """Send it to the platform's address, or with another body or header."""
    body = changes.get("body", webhook.body if webhook else b"")
    signature = changes.get("signature", webhook.signature if webhook else "")
    headers = {"host": changes.get("host", "localhost")} | ({"stripe-signature": signature} if signature else {})
    return (client or Client()).post(URL, data=body, content_type="application/json", headers=headers)


def work(*, again_at_once: bool = False, limit: int = 200) -> list[Outcome]:
    """Let a worker do the inbox's jobs that are due; with `again_at_once` also those that failed and wait."""
    outcomes: list[Outcome] = []
    with platform_scope(reason="test"):
        while len(outcomes) < limit:
            waiting = OutboxMessage.objects.filter(event_type__in=_JOBS, state=MessageState.PENDING)
            if again_at_once:
                waiting.update(available_at=clock.now())
            due = waiting.filter(available_at__lte=clock.now()).order_by("available_at", "pk").values_list("pk", flat=True)
            first = due.first()
            if first is None:
                break
            outcomes.append(deliver(first))
    return outcomes


def states() -> dict[str, str]:
    """Each event's state, by its id."""
    with platform_scope(reason="test"):
        return dict(WebhookEvent.objects.order_by("pk").values_list("event_id", "state"))


def events() -> Sequence[WebhookEvent]:
    """All that is kept, the oldest first."""
    with platform_scope(reason="test"):
        return list(WebhookEvent.objects.order_by("pk"))


def job_states() -> list[str]:
    """What became of the jobs, the oldest first."""
    with platform_scope(reason="test"):
        return list(OutboxMessage.objects.filter(event_type__in=_JOBS).order_by("pk").values_list("state", flat=True))
