"""What Stripe should have of our catalogue, and in what it differs from what it has; pure.

Products are plans and add-ons, and what is sold beyond a quota. A price at Stripe never changes its amount, and neither does
ours: a published version's are final, so that a price that differs there was changed, or archived, by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from django.utils import translation

from shared_apps.plans.types import QUOTAS, Beyond, Interval, StripeKind, VersionContents

type Facts = Mapping[str, str | int | bool | None]
type Key = tuple[StripeKind, str]
"""A kind, and our name or Stripe's id within it."""


class Sync(Enum):
    """What is to be done about one object."""

    MISSING = "missing"
    """Stripe has none, or no longer: make it, under the name as its idempotency key."""
    DRIFTED = "drifted"
    """Stripe has it otherwise: put it right where Stripe allows it, else show it."""
    LEFT_OVER = "left over"
    """Stripe has it, and we do not sell it: archive it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object that Stripe should have. `facts` are compared with Stripe's."""

    kind: StripeKind
    ours: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class SyncStep:
    """One object that is not as it should be; `differs` names the facts that Stripe has otherwise, in order."""

    sync: Sync
    kind: StripeKind
    ours: str
    stripe_id: str
    differs: tuple[str, ...] = ()


def wanted_product(code: str, name: str, *, is_offered: bool) -> Wanted:
    """The product of a plan or an add-on, or of what is sold beyond a quota."""
    return Wanted(StripeKind.PRODUCT, code, {"name": name, "active": is_offered})


def wanted_beyond(quota: str) -> Wanted:
    """The product of what is sold beyond a quota, by its English name: it stands on invoices of every currency."""
    with translation.override(None):
        name = f"{QUOTAS[quota].label}: beyond the included"
    return wanted_product(beyond(quota), name, is_offered=True)


def beyond(quota: str) -> str:
    """What the product beyond a quota is called with us; a plan's code begins no word so."""
    return f"beyond-{quota}"


def wanted_prices(code: str, number: int, contents: VersionContents) -> Iterator[Wanted]:
    """The prices of a version: those for a month and a year, and beside each those of what is sold beyond a quota.

    All items of a subscription come due in one interval, so what is sold beyond has a price for each of them.
    """
    for (currency, interval), amount in sorted(contents.prices.items()):
        yield _price(f"{code}/{number}/{currency}/{interval}", code, currency, interval, amount)
    for quota, terms in sorted(contents.quotas.items()):
        if terms.beyond is Beyond.SOLD:
            for currency, interval in sorted(contents.prices):
                if currency in terms.prices:
                    name = f"{code}/{number}/{quota}/{currency}/{interval}"
                    amount = terms.prices[currency]
                    yield _price(name, beyond(quota), currency, interval, amount, meter=quota, per_units=terms.per_units)


def compare(wanted: Iterable[Wanted], links: Mapping[Key, str], found: Mapping[Key, Facts]) -> list[SyncStep]:
    """What is missing, drifted or left over, products before prices, by name.

    `links` gives Stripe's id for our name; `found` what Stripe has under an id. Ids of which nothing links are not ours to
    judge: the account may serve others, too.
    """
    steps, meant = [], set()
    for want in sorted(wanted, key=lambda one: (one.kind != StripeKind.PRODUCT, one.ours)):
        meant.add((want.kind, want.ours))
        stripe_id = links.get((want.kind, want.ours), "")
        has = found.get((want.kind, stripe_id)) if stripe_id else None
        if has is None:
            steps.append(SyncStep(Sync.MISSING, want.kind, want.ours, stripe_id))
        elif differs := tuple(sorted(name for name, value in want.facts.items() if has.get(name) != value)):
            steps.append(SyncStep(Sync.DRIFTED, want.kind, want.ours, stripe_id, differs))
    return steps + list(_left_over(meant, links, found))


def _left_over(meant: set[Key], links: Mapping[Key, str], found: Mapping[Key, Facts]) -> Iterator[SyncStep]:
    for (kind, ours), stripe_id in sorted(links.items()):
        if (kind, ours) not in meant and found.get((kind, stripe_id), {}).get("active"):
            yield SyncStep(Sync.LEFT_OVER, kind, ours, stripe_id)


def _price(
    name: str, product: str, currency: str, interval: Interval, amount: int, *, meter: str = "", per_units: int = 1
) -> Wanted:
    facts: dict[str, str | int | bool | None] = {
        "product": product,
        "currency": currency,
        "interval": interval.value,
        "amount_minor": amount,
        "meter": meter,
        "per_units": per_units,
        "active": True,
    }
    return Wanted(StripeKind.PRICE, name, facts)
