"""What a step is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from uuid import UUID

from django.utils.functional import Promise

from provisioning.errors import TenantMissing
from provisioning.types import OrganizationRequest
from tenants.clusters import DEFAULT, has_several
from tenants.context import TenantContext
from tenants.hosts import context_for


class Keep(Protocol):
    """`provisioning.saga.leases.Lease.keep`."""

    def __call__(self, *, seconds: int = 0, noted: Mapping[str, Any] | None = None) -> None: ...  # Any: JSON


def _no_lease(*, seconds: int = 0, noted: Mapping[str, Any] | None = None) -> None:  # Any: JSON
    """For work that nobody else could take."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a step is told. `run_id` is the run's public id and what the organization's name is held under.

    A step that takes longer than a lease calls `keep` now and then while it is in `prepare`, and notes how far it is;
    whoever goes on after a kill finds that in `noted`.
    """

    run_pk: int
    run_id: UUID
    request: OrganizationRequest
    tenant_id: UUID | None
    noted: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON
    keep: Keep = _no_lease

    def require_tenant_id(self) -> UUID:
        """The id that the schema's claim brought.

        Raises:
            TenantMissing: the schema was not claimed yet.
        """
        if self.tenant_id is None:
            raise TenantMissing("This step needs the tenant's schema first.")
        return self.tenant_id

    def tenant(self) -> TenantContext:
        """The tenant as the registry has it now.

        Raises:
            TenantMissing: there is none yet, or not any more.
        """
        context = context_for(self.require_tenant_id())
        if context is None:
            raise TenantMissing(f"The registry has no tenant {self.tenant_id}.")
        return context


def cluster_of(work: Work) -> str:
    """Where the run's organization lives, or is to come to live; one query where there is a choice."""
    if not has_several():
        return DEFAULT
    tenant = None if work.tenant_id is None else context_for(work.tenant_id)
    return (work.request.cluster or DEFAULT) if tenant is None else tenant.database


class SagaStep(ABC):
    """One idempotent step; its methods run in the platform's scope.

    `check`, `do` and `verify` run in one transaction with the note that the step is done, so that a kill leaves nothing of
    it or all; `undo` likewise.
    """

    name: ClassVar[str]
    label: ClassVar[Promise]

    def prepare(self, work: Work) -> None:  # noqa: B027  # most steps have nothing to prepare
        """Slow things that concern no single tenant, outside of the transaction. May run at the same time elsewhere."""

    @abstractmethod
    def check(self, work: Work) -> bool:
        """Whether everything is there already."""

    @abstractmethod
    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        """Make what is missing; facts worth showing to the operator."""

    def verify(self, work: Work) -> bool:
        """Whether it is there now; by default what `check` says."""
        return self.check(work)

    def prepare_undo(self, work: Work) -> None:  # noqa: B027  # most steps have nothing to prepare
        """What has to be over before `undo` may take things away; outside of its transaction, under a lease of its own.

        Idempotent, and short: what takes longer than a lease ends each part with `NotYet` and is called again.

        Raises:
            NotYet: others are still at work here; after its `wait` this is called again.
        """

    @abstractmethod
    def undo(self, work: Work) -> None:
        """Take it all away. Quiet where there is nothing, or only a part."""

    def require_undoable(self, work: Work) -> None:  # noqa: B027  # most steps can be taken back at any time
        """Asked of each step that began, before anything is taken back; in the transaction that decides, with the run locked.

        Raises:
            RunNotReady: what the way back needs is not there, so that nobody sets out on it.
        """

    def require_retryable(self, work: Work) -> None:  # noqa: B027  # most steps can be tried again at any time
        """As `require_undoable`, of a stopped run that is to go on.

        Raises:
            RunNotReady: it must not, now.
        """

    def when_stopped(self, work: Work) -> None:  # noqa: B027  # most steps leave nothing that must not stay
        """The run stops at this step, until somebody decides about it: leave nothing that cannot stand so long.

        In the transaction in which this is noted. Whoever goes on later begins this step anew.
        """


class PreparedStep(SagaStep):
    """A step whose work is done in `prepare`, or is the notes of `do`: nothing tells afterwards but that `do` came to its end.

    So it is not looked for, and what it leaves goes with something else, unless a step says otherwise.
    """

    def check(self, work: Work) -> bool:
        del work
        return False

    def verify(self, work: Work) -> bool:
        del work
        return True

    def undo(self, work: Work) -> None:
        """Nothing of its own."""
