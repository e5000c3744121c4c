"""Apps above that must write in the very transaction in which a subscription changes: they register once, at start."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from kernel.locking import lock_rows, lock_timeout
from shared_apps.billing.models import Subscription

type Watcher = Callable[[Subscription], object]
_WATCHERS: Final[list[Watcher]] = []


def watch_subscriptions(watcher: Watcher) -> None:
    """Have `watcher` called with each subscription as it begins and after each change, before that is committed.

    What it raises undoes the change; it asks nobody outside. Registered again, it is still called once.
    """
    if watcher not in _WATCHERS:
        _WATCHERS.append(watcher)


def locked_subscriptions(pks: Collection[int]) -> list[Subscription]:
    """These rows as they are now, until the transaction's end: for a watcher that makes good what it was not told.

    Raises:
        Busy: somebody else holds one of them for too long.
    """
    with lock_timeout():
        return lock_rows(Subscription.objects.filter(pk__in=pks))


def tell_of_payment(stripe_id: str) -> None:
    """Let them look at the subscription that an invoice with money was for; nothing where it is not known yet."""
    pks = list(Subscription.objects.filter(stripe_id=stripe_id).values_list("pk", flat=True)) if stripe_id else []
    for subscription in locked_subscriptions(pks) if pks else ():
        tell_watchers(subscription)


def tell_watchers(subscription: Subscription) -> None:
    """Let them write what follows. In the transaction of the change."""
    for watcher in _WATCHERS:
        watcher(subscription)
