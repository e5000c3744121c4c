"""A batch of lives in one town: walks through what people do, with trouble in every fifth act, and what is true in the end.

Many at once, since they share the looks of the clock, the sweeper and the relay; and so that each has neighbours.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from django.core import mail

from integrations.stripe.fake.faults import Fault
from kernel.errors import DomainError, OutsideFailure
from shared_apps.billing.models import BillingAccount, BillingCommand, BillingInvoice, Subscription
from shared_apps.billing.services import begin_trial, finish_commands, pass_time
from shared_apps.billing.types import CommandState, State
from shared_apps.business.services import settle_ledger
from tests.billing.lives.acts import PLANS, RIVALS, People
from tests.billing.lives.boundaries import Boundaries, Killed
from tests.billing.lives.judging import complaints, reversals_at_stripe
from tests.billing.lives.post import Post, orders_differ
from tests.billing.lives.told import Told
from tests.billing.lives.town import Town
from tests.billing.lives.walks import choose

TROUBLE = 0.2
_MISSES = 2
"""So many times as often something is planted in an act: half of it waits for what the act never comes to."""
_SHORTEST, _LONGEST = 3, 10
ORDERS = 0.05
_DAYS = (0, 0, 0, 1, 2, 4, 8, 16, 31, 62)
API_FAULTS = (Fault.LOST, Fault.BROKEN, Fault.BROKEN_AFTER, Fault.BUSY)
ASKED = ("POST /v1/subscriptions", "POST /v1/subscriptions", "POST /v1/customers", "POST /v1/checkout", "POST", "GET")
_ROUNDS = 40
_MOST_REFUSALS = 2


class Batch:
    """The lives of some organizations, from sign-up to rest."""

    def __init__(self, town: Town, boundaries: Boundaries, post: Post, tenant_ids: Sequence[UUID], *, seed: int) -> None:
        self.town, self.boundaries, self.post = town, boundaries, post
        self.trouble = post.trouble
        self.seed, self.chance = seed, random.Random(seed)
        self.people = [People(town, each, random.Random(f"{seed}/{number}")) for number, each in enumerate(tenant_ids)]
        self.told = Told(lives=len(tenant_ids))

    def live(self) -> Told:
        """All of it."""
        until = [people.chance.randint(_SHORTEST, _LONGEST) for people in self.people]
        for step in range(_LONGEST):
            self._begin(step)
            self._look()
            for people, last in zip(self.people, until, strict=True):
                if people.look is not None and step < last:
                    self._act(people)
                    self._deliver_some()
            self._wait()
        self._settle()
        self._look()
        self._judge()
        return self.told

    def _begin(self, step: int) -> None:
        for number, people in enumerate(self.people):
            if step == number % 3:
                begin_trial(tenant_id=people.tenant_id, plan_code=people.chance.choice(PLANS))

    def _look(self) -> None:
        """Everybody reads how things stand: the live subscription, else the last."""
        rows = Subscription.objects.order_by("began_at", "pk")
        looks = {each.tenant_id: each for each in sorted(rows, key=lambda row: row.state != State.CANCELLED)}
        customers = dict(BillingAccount.objects.values_list("tenant_id", "stripe_customer_id"))
        for people in self.people:
            people.look, people.customer_id = looks.get(people.tenant_id), customers.get(people.tenant_id, "")

    def _act(self, people: People) -> None:
        act = choose(people)
        trouble = self._plant(people, act.__name__) if people.chance.random() < self.trouble * _MISSES else ""
        begun = self.town.now()
        outcome = self.attempt(act)
        people.story.append(f"{begun:%Y-%m-%d %H:%M} {act.__name__}: {outcome}{f' ({trouble})' if trouble else ''}")
        self.told.acts[act.__name__] += 1
        self.told.outcomes[outcome] += 1
        if self._dig_up(trouble):
            people.is_faulted = True
            self.told.faulted_acts += 1

    def _dig_up(self, trouble: str) -> bool:
        """Take away what was planted; whether it has struck."""
        line, faults = self.town.line, self.town.local.faults
        # Each is taken away from the end of its list, or counted down, when it strikes.
        is_left = any(line.cuts) or any(each.times >= _MOST_REFUSALS for each in faults.planned)
        is_left = self.boundaries.disarm() or is_left
        line.cuts.clear()
        faults.planned.clear()
        if trouble:
            self.told.planted[trouble] += 1
            self.told.struck[trouble] += not is_left
        return bool(trouble) and not is_left

    def _plant(self, people: People, name: str) -> str:
        """Something that goes wrong with what is done next."""
        trouble = people.chance.choice(("api", "line", "kill", "rival" if name in RIVALS else "kill", "worker", "sleep"))
        at = people.chance.randrange(1, 12)
        match trouble:
            case "api":
                fault = people.chance.choice(API_FAULTS)
                self.town.local.faults.plan(fault, only=people.chance.choice(ASKED), times=_MOST_REFUSALS)
                trouble = f"stripe {fault}"
            case "line":
                cut = people.chance.choice(("unreached", "lost"))
                self.town.line.cuts += [cut, *[""] * people.chance.randrange(6)]
                trouble = f"line {cut}"
            case "rival":
                self.boundaries.arm(at, partial(self._rival, people, people.chance.choice(RIVALS)))
            case "worker":
                self.boundaries.arm(at, self._work)
            case "sleep":
                self.boundaries.arm(at, partial(self._sleep, people.chance.choice((2, 5, 70))))
            case _:
                self.boundaries.arm(at, _die, is_between=False)
        return trouble

    def _rival(self, people: People, name: str) -> None:
        """Somebody else had looked at the same moment, and is faster."""
        outcome = self.attempt(getattr(people, name))
        people.story.append(f"{self.town.now():%Y-%m-%d %H:%M} meanwhile {name}: {outcome}")
        self.told.outcomes[f"rival's {outcome}"] += 1

    def _work(self) -> None:
        """A worker applies what came meanwhile."""
        self.post.collect()
        self.post.deliver()

    def _sleep(self, minutes: int) -> None:
        """The process sleeps, for longer than its lease, and the sweeper takes over."""
        self.town.wait(minutes=minutes)
        self.attempt(finish_commands)

    def attempt(self, act: Callable[[], object]) -> str:
        """Do it; how it ended."""
        try:
            with self.boundaries.watching():
                act()
        except (DomainError, OutsideFailure, Killed) as error:
            return type(error).__name__
        return "done"

    def _deliver_some(self) -> None:
        self.post.collect()
        if self.chance.random() < self.trouble * ORDERS and (told := self.post.of_one_customer()):
            self.told.orders += 1
            if orders_differ(told, self.chance):
                self.told.broken.append(f"batch {self.seed}: unexplained: another order of {told} ends otherwise")
        if self.chance.random() < 0.7:
            self.attempt(self.post.deliver)

    def _wait(self) -> None:
        """Minutes, days or months, in which the machinery goes on."""
        days = self.chance.choice(_DAYS)
        self.town.wait(minutes=self.chance.randrange(1, 30))
        self._pass()
        while days > 0:
            self.town.wait(days=min(days, 3))
            days -= 3
            self._pass()

    def _pass(self) -> None:
        trouble = self._trouble_the_machinery() if self.chance.random() < self.post.trouble else ""
        self.attempt(finish_commands)
        self.post.collect()
        self.post.wake()
        self.attempt(self.post.deliver)
        self.attempt(pass_time)
        self.attempt(self.post.write)
        self._dig_up(trouble)
        if self.chance.random() < 0.5:
            self.post.find()

    def _trouble_the_machinery(self) -> str:
        """A worker dies, or Stripe does not answer it."""
        if self.chance.random() < 0.5:
            self.boundaries.arm(self.chance.randrange(1, 60), _die, is_between=False)
            return "worker killed"
        self.town.line.cuts += [self.chance.choice(("unreached", "lost")), *[""] * self.chance.randrange(6)]
        return "worker's line"

    def _settle(self) -> None:
        """The trouble is over: what is left is finished, found and compared, until nothing moves any more."""
        self.town.local.faults.payments.clear()
        self.post.trouble = 0.0
        for _round in range(_ROUNDS):
            self.town.wait(minutes=11)
            self._pass()
            self.post.find()
            self.post.wake()
            self.attempt(self.post.deliver)
            if not self.post.is_empty() or BillingCommand.objects.filter(state=CommandState.OPEN).exists():
                continue
            repaired = self.post.compare()
            self.post.collect()
            if repaired == 0 and self.post.is_empty():
                return
        self.told.broken.append(f"batch {self.seed}: unexplained: not at rest after {_ROUNDS} rounds, {self.post.waiting}")

    def _judge(self) -> None:
        told = self.told
        for number, people in enumerate(self.people):
            told.ends[people.seen.state] += 1
            told.faulted += people.is_faulted
            told.reversals += len(reversals_at_stripe(people))
            for charge in self.town.objects("charge", people.customer_id):
                told.charges += charge["paid"]
                told.taken[charge["currency"].upper()] += charge["amount"] * charge["paid"]
            if found := [*people.broken, *complaints(people)]:
                lines = [f"life {number} of batch {self.seed}: {'; '.join(found)}", *people.story]
                told.broken.append("\n    ".join(lines))
        told.webhooks, told.letters = self.post.told, len(mail.outbox)
        told.written.update(_ledger())
        told.planted.update(self.post.troubles)
        told.struck.update(self.post.troubles)
        if self.post.letters_twice:
            told.broken.append(f"batch {self.seed}: written twice: {self.post.letters_twice} letters")
        if untold := settle_ledger():
            told.broken.append(f"batch {self.seed}: unexplained: {untold} changes that the revenue was not told of")
        if self.town.line.in_transactions:
            told.broken.append(f"batch {self.seed}: {self.town.line.in_transactions} requests within a transaction")


def _ledger() -> Counter[str]:
    """What our invoices say was paid, by currency."""
    sums: Counter[str] = Counter()
    for currency, paid in BillingInvoice.objects.values_list("currency", "paid_minor"):
        sums[currency] += paid
    return sums


def _die() -> None:
    raise Killed
