"""The steps by which a sandbox comes to life: a copy without customers, in the old one's place, for the team."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any, ClassVar, Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kernel import clock
from provisioning.archives.errors import ArchiveGone
from provisioning.archives.inbox import copy_for, put_in, take_out
from provisioning.archives.pacing import STORED_BYTES_PER_SECOND
from provisioning.archives.writing import Progress, write_archive
from provisioning.errors import NotYet, RunNotReady
from provisioning.models import Run
from provisioning.saga.step import PreparedStep, SagaStep, Work
from provisioning.sandboxes.naming import holder_of_sandbox_name
from provisioning.sandboxes.personal import replaced_in_sandbox
from provisioning.sandboxes.promoting.reading import base_of
from provisioning.sandboxes.selectors import making_of, sandbox_of
from provisioning.steps.importing import MakeEmptySchema, TakeArchive
from provisioning.steps.naming import ReserveName
from provisioning.types import UNDOABLE, RunKind, RunState
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.models import ReservedName, Tenant
from tenants.registry import reserve_name
from tenants.types import TenantStatus

_COUNTING_SECONDS: Final = 60
_WAIT_FOR_THE_OLD: Final = timedelta(seconds=1)


def source_of(work: Work) -> TenantContext:
    """The organization that is copied.

    Raises:
        ArchiveGone: it went meanwhile.
    """
    source = context_for(UUID(hex=work.request.source))
    if source is None:
        raise ArchiveGone(_now("The marketplace that was to be copied is gone."))
    return source


class WriteCopy(PreparedStep):
    """Writes an archive of the marketplace that has neither secrets nor customers in it. Killed, it begins again."""

    name: ClassVar[str] = "copy"
    label: ClassVar[Promise] = _("Copying your marketplace")

    def prepare(self, work: Work) -> None:
        source = source_of(work)
        # Until the first word of progress, rows are counted.
        work.keep(seconds=_COUNTING_SECONDS)

        def tell(_progress: Progress) -> None:
            work.keep()

        with TemporaryFile() as file:
            write_archive(source, file, tell=tell, replacing=replaced_in_sandbox(source))
            work.keep(seconds=file.tell() // STORED_BYTES_PER_SECOND)
            # A killed worker's: the store would give this one another name.
            take_out(copy_for(work.run_id))
            put_in(file, run_id=work.run_id)
        work.keep()

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        # Where the steps of an import look for theirs.
        stored = Run.objects.values_list("request", flat=True).get(pk=work.run_pk)
        Run.objects.filter(pk=work.run_pk).update(request=stored | {"archive": copy_for(work.run_id)})
        return {"source": work.request.source}

    def undo(self, work: Work) -> None:
        # `tidy_inbox` does, too, when the run is over.
        take_out(copy_for(work.run_id))

    def require_retryable(self, work: Work) -> None:
        require_latest(work)


def require_latest(work: Work) -> None:
    """Quiet as long as nobody has asked for another sandbox since: this run would take that one's place, unasked.

    Raises:
        RunNotReady: somebody has.
    """
    later = Run.objects.filter(kind=RunKind.CLONE_ORGANIZATION, request__source=work.request.source, pk__gt=work.run_pk)
    if later.exclude(state=RunState.UNDONE).exists():
        raise RunNotReady(_now("Another sandbox was asked for since, and this run would take its place. Take this run back."))


class TakeCopy(TakeArchive):
    """Reads the copy once more, as any archive: what is loaded is what was written."""

    label: ClassVar[Promise] = _("Checking the copy")


class RemoveOldSandbox(PreparedStep):
    """Has the sandbox before taken away, now that everything for the new one is there; waits until it is."""

    name: ClassVar[str] = "old"
    label: ClassVar[Promise] = _("Making room for it")

    def prepare(self, work: Work) -> None:
        # Ordering and undoing stand above the steps that they order.
        from provisioning.sandboxes.ordering import remove_standing

        require_latest(work)
        standing = sandbox_of(source_of(work).id)
        if standing is None:
            return
        making = making_of(standing.pk)
        if making is not None and making.state == RunState.UNDO_FAILED:
            raise NotYet(_now("The sandbox before could not be removed; an operator is told."), wait=timedelta(minutes=1))
        if making is None or making.state in UNDOABLE:
            remove_standing(standing, reason="A fresh one comes in its place.")
        raise NotYet("Waiting until the sandbox before is gone.", wait=_WAIT_FOR_THE_OLD)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        return {}


class KeepSandboxName(ReserveName):
    """Holds the address for the marketplace, whose it stays when the sandbox goes."""

    name: ClassVar[str] = "address"
    label: ClassVar[Promise] = _("Reserving its address")

    def check(self, work: Work) -> bool:
        return ReservedName.objects.filter(slug=work.request.slug, holder=_holder(work)).exists()

    def do(self, work: Work) -> Mapping[str, str | int]:
        return {"slug": reserve_name(slug=work.request.slug, holder=_holder(work))}

    def undo(self, work: Work) -> None:
        """Nothing: a link to a sandbox must never lead to a stranger."""


class MakeSandboxSchema(MakeEmptySchema):
    """A sandbox's row says from the first moment whose it is, so that there is none in which mail could leave.

    It is on its marketplace's plan and has what that may, without being billed or counted as another.
    """

    def facts(self, work: Work) -> Mapping[str, Any]:  # Any: columns of the registry
        # Held until the row is there: whoever closes it meanwhile waits, and meets the sandbox.
        rows = Tenant.objects.select_for_update().filter(pk=UUID(hex=work.request.source), status=TenantStatus.ACTIVE)
        source = rows.first()
        if source is None:
            raise ArchiveGone(_now("The marketplace that was to be copied is not in service any more."))
        return {
            **super().facts(work),
            "sandbox_of_id": source.pk,
            "plan_code": source.plan_code,
            "plan_version": source.plan_version,
            "entitlements": source.entitlements,
            "trial_ends_at": source.trial_ends_at,
        }


class NoteBase(SagaStep):
    """Notes what was copied of settings, look and catalog: later that tells what was changed here from what changed there."""

    name: ClassVar[str] = "base"
    label: ClassVar[Promise] = _("Noting where it began")

    def check(self, work: Work) -> bool:
        del work
        return False

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        return {"base": base_of(work.tenant()), "at": clock.now().isoformat()}

    def verify(self, work: Work) -> bool:
        del work
        return True

    def undo(self, work: Work) -> None:
        """Nothing of its own."""


def _holder(work: Work) -> UUID:
    return holder_of_sandbox_name(UUID(hex=work.request.source))
