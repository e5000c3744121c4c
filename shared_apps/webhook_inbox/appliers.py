"""Who applies what Stripe tells: other apps say so when they start (`AppConfig.ready`), by the inbox's services.

Process-wide and written once at start-up, before there are threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from uuid import UUID

type Apply = Callable[[str, str], UUID | None]
"""`apply(kind, object_id)`: fetch the object and write what follows from its state; whose it is, where that is known.

Called by one worker at a time for one object, and any number of times. Raises `NobodysObject` for what is nobody's,
`TemporaryFailure` for what may work later.
"""
type Reconcile = Callable[[], int | None]
"""`reconcile()`: compare one's objects with Stripe's in both directions and put them right; how many were not."""
type ApplyOfAccount = Callable[[str, str, str], UUID | None]
"""`apply(account_id, kind, object_id)`: the same for a connected account."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Connected accounts. `knows` says whether one is somebody's here, without asking Stripe."""

    knows: Callable[[str], bool]
    apply: ApplyOfAccount


@dataclass(slots=True)
class Registry:
    """What was registered."""

    _appliers: dict[str, Apply]
    _reconcilers: dict[str, Reconcile]
    accounts: Accounts | None = None

    @property
    def appliers(self) -> Mapping[str, Apply]:
        """Appliers by the kind of object."""
        return MappingProxyType(self._appliers)

    @property
    def reconcilers(self) -> Mapping[str, Reconcile]:
        """Reconcilers by the name of their app, in the order in which they run."""
        return MappingProxyType(self._reconcilers)

    def add_applier(self, kind: str, apply: Apply) -> None:
        """One for each kind; the same one again changes nothing.

        Raises:
            ValueError: another one has the kind.
        """
        if self._appliers.setdefault(kind, apply) != apply:
            raise ValueError(f"{kind} has an applier already")

    def add_reconciler(self, name: str, reconcile: Reconcile) -> None:
        """One for each name, as above."""
        if self._reconcilers.setdefault(name, reconcile) != reconcile:
            raise ValueError(f"{name} has a reconciler already")


registry: Final = Registry({}, {})
