"""How other apps take part: from their `ready()`, as often as Django calls it."""

from __future__ import annotations

from collections.abc import Callable

from shared_apps.webhook_inbox.appliers import Accounts, Apply, ApplyOfAccount, Reconcile, registry


def register_applier(kind: str, apply: Apply) -> None:
    """Let `apply(kind, object_id)` be called when Stripe tells of an object of this kind (`customer.subscription`, `invoice`).

    It also gets what belongs to such an object and has no applier of its own (`customer.tax_id` → its `customer`).
    """
    registry.add_applier(kind, apply)


def register_reconciler(name: str, reconcile: Reconcile) -> None:
    """Let `reconcile()` be called every ten minutes in a worker; what it gives back is shown as repaired under `name`."""
    registry.add_reconciler(name, reconcile)


def register_accounts(*, knows: Callable[[str], bool], apply: ApplyOfAccount) -> None:
    """Say which connected accounts are somebody's, and who applies their events; without it all of them are nobody's."""
    registry.accounts = Accounts(knows, apply)
