"""The steps that bring what was tried out into the marketplace: a snapshot first, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import DomainError, Unavailable
from kernel.locking import lock_rows, lock_timeout
from provisioning.errors import NotYet, RunNotReady
from provisioning.models import Run
from provisioning.saga.step import PreparedStep, SagaStep, Work
from provisioning.sandboxes.errors import PromotionStale
from provisioning.sandboxes.promoting.differences import Change, chosen, still_standing
from provisioning.sandboxes.promoting.reading import APPLIED, base_of, compare
from provisioning.sandboxes.promoting.writing import named_pictures, publish_look_after, write_changes
from provisioning.types import RunKind, RunState
from shared_apps.archives.selectors import archive_by_id
from shared_apps.archives.types import ArchiveState
from shared_apps.audit.services import record
from tenant_apps.catalog.services import hold_catalog
from tenant_apps.providers.selectors import read_media
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import tenant_scope

UNDOABLE_FOR: Final = timedelta(days=7)
_WAIT_FOR_SNAPSHOT: Final = timedelta(seconds=1)


class KeepSnapshot(PreparedStep):
    """Waits for the snapshot that was asked for with the promotion: nothing is written before there is a way back."""

    name: ClassVar[str] = "snapshot"
    label: ClassVar[Promise] = _("Taking a snapshot of your marketplace")

    def prepare(self, work: Work) -> None:
        archive = archive_by_id(UUID(hex=work.request.archive))
        if archive.state == ArchiveState.FAILED:
            raise RunNotReady(_now("The snapshot could not be taken, so nothing was changed."))
        if archive.state != ArchiveState.READY:
            raise NotYet("Waiting for the snapshot.", wait=_WAIT_FOR_SNAPSHOT)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        return {"snapshot": work.request.archive}


class ApplyPromotion(SagaStep):
    """Writes what was chosen, if it is still what was shown; notes how to take it back.

    What cannot be here, and what was changed since it was shown, is an answer and no failure: nothing was changed then.
    """

    name: ClassVar[str] = "apply"
    label: ClassVar[Promise] = _("Changing your marketplace")

    def __init__(self) -> None:
        self._theme_hash = ""

    def prepare(self, work: Work) -> None:
        """Stylesheet and pictures of what is to be: files nobody is sent to yet, and the same ones when this runs again."""
        source, sandbox = _both(work)
        if source is None or sandbox is None:
            return
        found = compare(source, sandbox)
        if found.seal != work.request.seen:
            return
        wanted = _wanted(found.changes, work)
        self._theme_hash = publish_look_after(source, wanted)
        for name in named_pictures(wanted):
            _copy_picture(name, source=source, sandbox=sandbox)
            work.keep()

    def check(self, work: Work) -> bool:
        del work
        return False

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        try:
            with transaction.atomic():
                return self._apply(work)
        except Unavailable:
            raise
        except PromotionStale:
            return {"outcome": "stale"}
        except DomainError as refusal:
            return {"outcome": "refused", "message": refusal.message}

    def _apply(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        source, sandbox = _locked_both(work)
        found = compare(source, sandbox)
        if found.seal != work.request.seen:
            raise PromotionStale(_now("It changed since you looked."))
        wanted = _wanted(found.changes, work)
        made = write_changes(source, wanted, theme_hash=self._theme_hash)
        kinds = {change.kind for change in wanted}
        for about in (source.id, sandbox.id):
            _note("sandbox.promoted", work, about)
        return {
            "outcome": APPLIED,
            "changes": [change.as_json() for change in made],
            # As it was compared: nobody holds the sandbox, and what is done there meanwhile was not brought over.
            "base": {kind: things for kind, things in found.sandbox_state.items() if kind in kinds},
            "at": clock.now().isoformat(),
        }

    def verify(self, work: Work) -> bool:
        del work
        return True

    def require_undoable(self, work: Work) -> None:
        run = Run.objects.get(pk=work.run_pk)
        if work.noted.get("outcome") != APPLIED:
            if run.state != RunState.DONE:
                # It failed before it changed anything: then this only ends it.
                return
            raise RunNotReady(_now("Nothing was changed, so there is nothing to take back."))
        if run.finished_at is not None and clock.now() - run.finished_at > UNDOABLE_FOR:
            raise RunNotReady(_now("This can be taken back for a week, and that is over."))
        later = Run.objects.filter(kind=RunKind.PROMOTE_SANDBOX, tenant_id=run.tenant_id, pk__gt=run.pk, state=RunState.DONE)
        if later.filter(steps__name=self.name, steps__result__outcome=APPLIED).exists():
            raise RunNotReady(_now("Something was brought over after this. Take that back first."))

    def prepare_undo(self, work: Work) -> None:
        source = context_for(work.require_tenant_id())
        if source is not None:
            self._theme_hash = publish_look_after(source, _taking_back(source, work))

    def undo(self, work: Work) -> None:
        """Put back what was there, except where somebody has changed it since: theirs stays."""
        if work.noted.get("outcome") != APPLIED:
            return
        source = _locked(work.require_tenant_id())
        changes = _taking_back(source, work)
        write_changes(source, changes, theme_hash=self._theme_hash)


def _taking_back(source: TenantContext, work: Work) -> list[Change]:
    made = [Change.from_json(stored).reversed() for stored in work.noted.get("changes", ())]
    now = base_of(source)
    standing = (still_standing(change, now[change.kind].get(change.key)) for change in made)
    return [change for change in standing if change is not None]


def _wanted(changes: Sequence[Change], work: Work) -> list[Change]:
    return chosen(changes, work.request.parts.split(","))


def _both(work: Work) -> tuple[TenantContext | None, TenantContext | None]:
    return context_for(work.require_tenant_id()), context_for(UUID(hex=work.request.source))


def _locked_both(work: Work) -> tuple[TenantContext, TenantContext]:
    """The marketplace, held until the transaction ends, and the sandbox of it that the run names, and of no other's."""
    source = _locked(work.require_tenant_id())
    sandbox = context_for(UUID(hex=work.request.source))
    if sandbox is None or sandbox.sandbox_of != source.id:
        raise PromotionStale(_now("The sandbox is gone."))
    return source, sandbox


def _locked(tenant_id: UUID) -> TenantContext:
    with lock_timeout():
        lock_rows(Tenant.objects.filter(pk=tenant_id))
    source = context_for(tenant_id)
    if source is None:
        raise PromotionStale(_now("The marketplace is gone."))
    with tenant_scope(source):
        hold_catalog()
    return source


def _copy_picture(name: str, *, source: TenantContext, sandbox: TenantContext) -> None:
    """From below the sandbox's prefix to the same place below the marketplace's. Its name is random: who has it, has it."""
    with tenant_scope(sandbox):
        found = read_media(name)
    if found is None:
        return
    with tenant_scope(source):
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(found.content))


def _note(action: str, work: Work, tenant_id: UUID) -> None:
    """In the trail of an organization that it is about, with whoever asked for it."""
    record(
        action=action,
        actor_label=Run.objects.values_list("requested_by", flat=True).get(pk=work.run_pk),
        actor_kind="system",
        tenant_id=tenant_id,
        target=work.request.slug,
        data={"parts": work.request.parts},
    )
