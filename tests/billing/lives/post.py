"""How Stripe's news and our letters reach those they are for: late, twice, in any order, or not until somebody goes looking.

Events are taken in by the inbox's own rules (ADR 0022), but not through its tables, which have tests of their own: an event
names an object, and billing's applier looks at that object. `test_over_http` takes the whole way.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import mail
from django.db import transaction

from integrations.stripe.fake.store import owner_of
from kernel.errors import DomainError, OutsideFailure
from kernel.outbox.models import OutboxMessage
from provisioning.billing_letters import write_to_owners_of_moved
from shared_apps.billing.events import SubscriptionMoved
from shared_apps.billing.models import BillingAccount, BillingInvoice, Subscription, Transition
from shared_apps.billing.services import KINDS, applying, reconcile
from shared_apps.webhook_inbox.errors import NobodysObject
from shared_apps.webhook_inbox.rules import subject_of
from shared_apps.webhook_inbox.types import Subject
from tenants.hosts import host_cache
from tenants.models import Tenant
from tests.billing.lives.boundaries import Killed
from tests.billing.lives.town import Town
from tests.factories.tenants import ALPHA_ID, BETA_ID

ON_THE_WAY = ("webhook lost", "webhook twice", "webhook out of order")
_FIRST = UUID(int=0)
_COMPARED = 6
_KEPT_AT_STRIPE = timedelta(days=30)
_WITH_A_SCHEMA = (ALPHA_ID, BETA_ID)
"""The others are rows of the registry, and nobody there could be written to."""


@dataclass(frozen=True)
class News:
    """The object that an event makes us look at, and what the event itself said of it."""

    subject: Subject
    content: Mapping[str, Any] = field(compare=False, repr=False)


def look_at(news: News) -> None:
    """What a worker does about it."""
    applying.apply(news.subject.kind, news.subject.object_id)


@dataclass
class Post:
    """What is under way. `trouble` is the share of webhooks that do not come once and in their turn."""

    town: Town
    chance: random.Random
    trouble: float
    waiting: list[News] = field(default_factory=list)
    failed: list[News] = field(default_factory=list)
    lost: list[tuple[datetime, News]] = field(default_factory=list)
    strangers: list[News] = field(default_factory=list)
    past: deque[News] = field(default_factory=lambda: deque(maxlen=200))
    letters: list[SubscriptionMoved] = field(default_factory=list)
    read_to: UUID = _FIRST
    told: int = 0
    troubles: Counter[str] = field(default_factory=Counter)
    letters_twice: int = 0

    def collect(self) -> None:
        """What Stripe has to tell now goes on its way."""
        store = self.town.local.store
        fresh, store.fresh = store.fresh, []
        for event_id in fresh:
            event = store.find("event", event_id) or {}
            content = event["data"]["object"]
            subject = subject_of(str(event["type"]), content, KINDS)
            if subject is not None:
                self.told += 1
                self._send(News(subject, content))

    def _send(self, news: News) -> None:
        if self.chance.random() >= self.trouble:
            self.waiting.append(news)
            return
        kind = self.chance.choice(ON_THE_WAY)
        self.troubles[kind] += 1
        match kind:
            case "webhook lost":
                self.lost.append((self.town.now(), news))
            case "webhook twice":
                # Twice, and something of long ago once more.
                self.waiting += [news, news, *[self.chance.choice(self.past) for _once in range(bool(self.past))]]
            case _:
                self.waiting.insert(self.chance.randrange(len(self.waiting) + 1), news)

    def deliver(self) -> None:
        """A worker applies what has come. As in the inbox one look covers all that wait for it, but for some workers."""
        covers = self.chance.random() >= self.trouble
        left, self.waiting = list(dict.fromkeys(self.waiting)) if covers else self.waiting, []
        self.past.extend(left)
        for news in left:
            try:
                look_at(news)
            except NobodysObject:
                self.strangers.append(news)
            except (OutsideFailure, DomainError, Killed):
                self.failed.append(news)

    def wake(self) -> None:
        """What failed is tried again after a while, as every job is, and not with each that comes."""
        self.waiting += self.failed
        self.failed = []

    def find(self) -> None:
        """The inbox's reconciler: what never came is in Stripe's list for thirty days. A stranger may be known by now."""
        now = self.town.now()
        self.waiting += [news for at, news in self.lost if at > now - _KEPT_AT_STRIPE]
        self.waiting += self.strangers
        self.lost, self.strangers = [], []

    def is_empty(self) -> bool:
        """Whether nothing is under way any more."""
        return not self.waiting and not self.failed

    def compare(self) -> int | None:
        """Billing's own reconciler: how much was wrong; None where it could not look."""
        with suppress(OutsideFailure, DomainError):
            return reconcile()
        return None

    def write(self) -> None:
        """The relay: each move's letter is written at least once, and sometimes again."""
        for row in OutboxMessage.objects.filter(event_type=SubscriptionMoved.event_type, pk__gt=self.read_to).order_by("pk"):
            self.read_to = row.pk
            event = SubscriptionMoved.from_payload(row.payload)
            if Subscription.objects.filter(public_id=event.subscription_id, tenant_id__in=_WITH_A_SCHEMA).exists():
                self.letters.append(event)
        letters, self.letters = self.letters, []
        for event in letters:
            # The town's years pass within what is a moment to the process.
            host_cache._entries.clear()
            write_to_owners_of_moved(event)
            if self.chance.random() < 2 * self.trouble:
                before = len(mail.outbox)
                write_to_owners_of_moved(event)
                self.letters_twice += len(mail.outbox) - before

    def of_one_customer(self) -> list[News]:
        """Some of what waits for whoever has the most news, and of what they were told before."""
        owned = [(news, self._owner(news.subject)) for news in self.waiting]
        most, times = Counter(owner for _news, owner in owned).most_common(1)[0] if owned else ("", 0)
        before = [news for news in reversed(self.past) if times and self._owner(news.subject) == most]
        return [news for news, owner in owned if owner == most][:_COMPARED] + before[:_COMPARED]

    def _owner(self, subject: Subject) -> str:
        kind = subject.kind.rpartition(".")[2]
        return subject.object_id if kind == "customer" else owner_of(self.town.local.store.find(kind, subject.object_id) or {})


def orders_differ(told: Sequence[News], chance: random.Random) -> bool:
    """Whether the same news in another order, all of them twice, end otherwise. Nothing of it stays."""
    found = []
    for _turn in range(2):
        order = [*told, *told]
        chance.shuffle(order)
        with transaction.atomic():
            for _try in range(3):
                order = [news for news in order if not _is_applied(news)]
            found.append(_facts())
            transaction.set_rollback(True)
    return found[0] != found[1]


def _is_applied(news: News) -> bool:
    """Whether it could be done yet: else it is tried again, as every job is."""
    with suppress(OutsideFailure, DomainError):
        look_at(news)
        return True
    return False


def _facts() -> list[list[tuple[object, ...]]]:
    """State, ledger and mails: all that follows from Stripe's news."""
    bought = ("plan_code", "plan_version", "interval", "add_ons", "period_end_at", "cancel_at")
    paid = ("stripe_id", "status", "total_minor", "paid_minor", "remaining_minor")
    letters = OutboxMessage.objects.filter(event_type=SubscriptionMoved.event_type)
    whose = ("subscription__tenant_id", "subscription__stripe_id")
    return [
        list(Subscription.objects.order_by("tenant_id", "stripe_id").values_list("tenant_id", "stripe_id", "state", *bought)),
        list(Transition.objects.order_by(*whose, "revision").values_list(*whose, "from_state", "to_state")),
        list(BillingInvoice.objects.order_by("stripe_id").values_list(*paid)),
        list(BillingAccount.objects.order_by("pk").values_list("name", "contacts", "address", "has_payment_method")),
        list(Tenant.objects.order_by("pk").values_list("status", "plan_code", "plan_version", "entitlements")),
        [(letters.count(),)],
    ]
