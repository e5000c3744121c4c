"""The steps by which single records come back from what was restored beside: a place for what was, files, rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Final

from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.locking import lock_timeout
from provisioning import pool
from provisioning.archives.beside import hold_registry_row, require_same_version, restored_schema
from provisioning.archives.contents import CARRIED
from provisioning.archives.manifest import FILES
from provisioning.archives.picks import Picks, Sides, plan_for, words_in
from provisioning.archives.taking import Taking, fingerprints, note_in, noted_in, take, take_back
from provisioning.errors import NotYet, RunNotReady
from provisioning.files import files_below
from provisioning.models import Run
from provisioning.saga.step import PreparedStep, Work
from provisioning.schemas.filling import strip_schema
from provisioning.schemas.template import template_script
from provisioning.steps.importing import LoadFiles
from provisioning.steps.loading import template_catalog
from provisioning.steps.restoring import MakeSideSchema, side_schema
from shared_apps.audit.services import record
from tenants.clusters import on_cluster
from tenants.context import TenantContext
from tenants.registry import clear_cache
from tenants.schemas import schema_exists, schema_for
from tenants.scope import platform_scope, tenant_scope

_ASK_AGAIN: Final = timedelta(seconds=1)


class KeepBefore(MakeSideSchema):
    """A schema for the rows as they were before; dropped a week later, like one that was restored (`beside`)."""

    label: ClassVar[Promise] = _("Making room for what is there now")

    def prepare(self, work: Work) -> None:
        tenant = work.tenant()
        require_same_version(tenant, restored_schema(work.request.restored))
        template_script()

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        schema = schema_for(pool.claim_or_create(run_id=work.run_id))
        strip_schema(schema, template_catalog(), emptied=sorted(CARRIED))
        return {"schema": schema}

    def require_undoable(self, work: Work) -> None:
        """Nothing of its own: the rows go back first."""


class TakeFiles(LoadFiles):
    """Brings back the files that the records name and that were deleted since; undo takes away what it brought.

    What a killed worker had brought stays with an undo: nothing names it then.
    """

    def __init__(self) -> None:
        super().__init__()
        self._words: frozenset[str] = frozenset()
        self._brought: list[str] = []

    def wanted(self, tenant: TenantContext, names: list[str]) -> set[str]:
        with tenant_scope(tenant):
            lost = set(names) - {FILES + name for name in files_below(default_storage)}
        found = {name for name in lost if any(name.rpartition("/")[2].startswith(word) for word in self._words)}
        self._brought = sorted(found)
        return found

    def prepare(self, work: Work) -> None:
        tenant, picks = work.tenant(), Picks.from_text(work.request.records)
        sides = Sides(tenant.schema, restored_schema(work.request.restored), tenant.database)
        self._words = words_in(plan_for(picks, sides), sides)
        if self._words:
            super().prepare(work)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        return {"files": len(self._brought), "brought": self._brought}

    def undo(self, work: Work) -> None:
        with tenant_scope(work.tenant()):
            for name in work.noted.get("brought", ()):
                default_storage.delete(name.removeprefix(FILES))


class TakeRecords(PreparedStep):
    """Brings the rows back, in one transaction with the note of it; undo puts back what was there."""

    name: ClassVar[str] = "records"
    label: ClassVar[Promise] = _("Bringing the records back")

    def prepare(self, work: Work) -> None:
        # It may have moved, or been migrated, since room was made.
        require_same_version(work.tenant(), restored_schema(work.request.restored))

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        tenant = _held_for_writing(work)
        restored, kept = restored_schema(work.request.restored), side_schema(work.run_pk)
        if restored == tenant.schema:
            raise RunNotReady(_("What was restored is in place by now."))
        taking = Taking(tenant.schema, restored, kept, tenant.database, template_catalog(), clock.now())
        if done := noted_in(taking):
            # On another cluster than the registry's: it was committed there, and the note of it was not (ADR 0015).
            return done
        with lock_timeout():
            noted = take(taking, plan_for(Picks.from_text(work.request.records), taking.sides))
        clear_cache(tenant)
        _note("records.taken", work, noted)
        facts = {"living": tenant.schema, "version": tenant.schema_version, "prints": fingerprints(taking, noted)}
        note_in(taking, done := {**noted, **facts})
        return done

    def require_undoable(self, work: Work) -> None:
        taking, noted = _done(work, _held(work))
        if noted:
            _require_unchanged(taking, noted)

    def undo(self, work: Work) -> None:
        tenant = _held_for_writing(work)
        taking, noted = _done(work, tenant)
        if not noted:
            return
        _require_unchanged(taking, noted)
        note_in(taking, {})
        with lock_timeout():
            take_back(taking, {group: noted[group] for group in ("gone", "changed", "parts", "parts_now")})
        clear_cache(tenant)
        _note("records.put_back", work, noted)


def _done(work: Work, tenant: TenantContext) -> tuple[Taking, Mapping[str, Any]]:  # Any: JSON
    """Where what was before lies, and what was done, as it is noted there; nothing, where it was not, or was undone.

    Not as the run notes it: on another cluster than the registry's a crash may have left the rows without that (ADR 0015).

    Raises:
        RunNotReady: the organization's schema is another by now, or the week of what was before is over.
    """
    kept, told = side_schema(work.run_pk), work.noted
    if told.get("living"):
        if (tenant.schema, tenant.schema_version) != (told["living"], told["version"]):
            raise RunNotReady(_("The organization's data were exchanged or migrated since: this cannot be undone any more."))
        with on_cluster(tenant.database):
            is_there = schema_exists(kept)
        if not is_there:
            raise RunNotReady(_("What was there before is gone: its week is over."))
    taking = Taking(tenant.schema, kept, kept, tenant.database, template_catalog(), clock.now())
    return taking, noted_in(taking)


def _require_unchanged(taking: Taking, noted: Mapping[str, Any]) -> None:  # Any: JSON
    """Quiet when the way back leads to where one came from.

    Raises:
        RunNotReady: somebody changed what was brought back.
    """
    if fingerprints(taking, dict(noted)) != noted["prints"]:
        raise RunNotReady(_("Somebody changed what was brought back since: undoing this would take that away, too."))


def _held(work: Work) -> TenantContext:
    """The organization, whose schemas nobody decides about until the transaction ends."""
    hold_registry_row(work.require_tenant_id())
    return work.tenant()


def _held_for_writing(work: Work) -> TenantContext:
    """The same, while no move copies it: rows are written as the schemas' owner, whom no pause stops, and would stay behind.

    Raises:
        NotYet: one does.
    """
    tenant = _held(work)
    if tenant.is_read_only:
        raise NotYet("Waiting until the organization has been moved.", wait=_ASK_AGAIN)
    return tenant


def _note(action: str, work: Work, noted: Mapping[str, Any]) -> None:  # Any: JSON
    with platform_scope(reason="records of a snapshot"):
        record(
            action=action,
            actor_label=Run.objects.values_list("requested_by", flat=True).get(pk=work.run_pk),
            actor_kind="system",
            tenant_id=work.tenant_id,
            target=work.request.slug,
            data={
                f"{table} {group}": len(noted[group][table]) for group in ("gone", "changed") for table in sorted(noted[group])
            },
        )
