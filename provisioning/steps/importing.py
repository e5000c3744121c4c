"""The steps by which an organization comes to life from an archive: the archive, a schema, rows, files, names, people."""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import Any, ClassVar, Final

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError, Unavailable
from provisioning.archives.errors import ArchiveDamaged
from provisioning.archives.inbox import is_kept_by_tenant, take_out
from provisioning.archives.manifest import FILES, Manifest, Member
from provisioning.archives.pacing import STORED_BYTES_PER_SECOND, now_and_then
from provisioning.archives.reading import ArchiveReader, verify_archive
from provisioning.archives.versions import require_way
from provisioning.files import PREFIX_KEY
from provisioning.models import Run
from provisioning.saga.step import PreparedStep, SagaStep, Work
from provisioning.steps.content import ACTOR
from provisioning.steps.loading import PLANNING_SECONDS, TAKE, EmptySchema, opened_for, taken
from provisioning.steps.owner import CreateOwner
from provisioning.steps.schema import ClaimSchema
from shared_apps.accounts.selectors import user_by_email
from shared_apps.accounts.services import get_or_create_user_for_email
from shared_apps.domains.services import claim_domain
from shared_apps.entry.services import forget_person_without_a_way_in, grant_entry, revoke_entry
from shared_apps.packages.selectors import package_of_today
from shared_apps.plans.selectors import current_terms
from tenant_apps.members.selectors import owners
from tenants.context import TenantContext
from tenants.registry import register_tenant, update_tenant
from tenants.schemas import code_schema_version, schema_for
from tenants.scope import platform_scope, tenant_scope
from themes.engine.audit import require_readable
from themes.engine.stylesheet import compile_theme

_FILES_LISTED_PER_SECOND: Final = 500
_IN_MEMORY: Final = 1024 * 1024


class TakeArchive(PreparedStep):
    """Reads the whole archive once more where the workers are, and notes what the later steps need of it."""

    name: ClassVar[str] = TAKE
    label: ClassVar[Promise] = _("Reading the archive")

    def __init__(self) -> None:
        self._manifest: Manifest | None = None

    def prepare(self, work: Work) -> None:
        with opened_for(work) as archive:
            verify_archive(archive, tell=work.keep)
            self._manifest = archive.manifest
        # What it takes to try the migrations since on an empty schema, where it is older.
        work.keep(seconds=PLANNING_SECONDS)
        require_way(self._manifest)
        work.keep()

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        if self._manifest is None:
            raise ArchiveDamaged(_("The archive was not read."))
        taken = self._manifest
        return {
            "settings": dict(taken.settings),
            "domains": list(taken.domains),
            "rows": taken.row_count,
            "version": taken.schema_version,
            "tables": [table.name for table in taken.tables],
            "organization": taken.organization_id,
            "installation": taken.installation,
        }

    def undo(self, work: Work) -> None:
        # A snapshot lies among the organization's own archives, and stays.
        if not is_kept_by_tenant(work.request.archive):
            take_out(work.request.archive)


class MakeEmptySchema(ClaimSchema):
    """A schema of the archive's version, empty and without indexes, and the registry's row with the archive's settings.

    The row says this code's version: nobody is served before the schema is of that, and no run over the fleet is to come
    between.
    """

    label: ClassVar[Promise] = _("Preparing the database")

    def __init__(self) -> None:
        self._empty = EmptySchema()

    def prepare(self, work: Work) -> None:
        super().prepare(work)
        self._empty.look_up(work)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        tenant_id = self._empty.make(work)
        tenant = register_tenant(tenant_id=tenant_id, slug=work.request.slug, **self.facts(work))
        Run.objects.filter(pk=work.run_pk).update(tenant_id=tenant_id)
        return {"schema": schema_for(tenant_id), PREFIX_KEY: tenant.storage_prefix}

    def facts(self, work: Work) -> Mapping[str, Any]:  # Any: columns of the registry
        """What the registry is told of it."""
        request, chosen = work.request, taken(work)["settings"]
        return {
            "name": request.name,
            "kind": request.blueprint,
            "owner_email": request.owner_email,
            **current_terms(request.plan_code),
            "locale": request.locale,
            "currency": request.currency,
            "time_zone": request.time_zone,
            "theme_package": chosen["theme_package"],
            # The version of today: which one was worn elsewhere need not be installed here.
            "theme_digest": package_of_today(chosen["theme_package"]).digest,
            "theme_tokens": chosen["theme_tokens"],
            "vocabulary": chosen["vocabulary"],
            "content": chosen["content"],
            "schema_version": code_schema_version(),
        }


class LoadFiles(PreparedStep):
    """Writes the organization's files below its prefix, with which they go.

    A killed worker's successor goes on with the one that it was at.
    """

    name: ClassVar[str] = "files"
    label: ClassVar[Promise] = _("Copying the files")

    def __init__(self) -> None:
        self.names: list[str] = []

    def wanted(self, tenant: TenantContext, names: list[str]) -> set[str]:
        """Which of the archive's files are written."""
        del tenant
        return set(names)

    def prepare(self, work: Work) -> None:
        tenant = work.tenant()
        with opened_for(work) as archive:
            files = archive.manifest.files()
            self.names = [file.name for file in files]
            # A store lists its files in pages, without a moment to look after the lease.
            work.keep(seconds=len(files) // _FILES_LISTED_PER_SECOND)
            # What was begun may be there, and not be whole.
            wanted = self.wanted(tenant, self.names) | {str(work.noted.get("at", ""))}
            work.keep()
            for number in range(int(work.noted.get("files", 0)), len(files)):
                if files[number].name in wanted:
                    work.keep(noted={"files": number, "at": files[number].name})
                    _write_file(work, tenant, archive, files[number])
        work.keep()

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        return {"files": len(self.names)}


class RestoreLook(SagaStep):
    """Compiles the archive's theme with this installation's package of that name."""

    name: ClassVar[str] = "theme"
    label: ClassVar[Promise] = _("Putting on the colours")

    def check(self, work: Work) -> bool:
        return bool(work.tenant().theme_hash)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        chosen = taken(work)["settings"]
        theme = compile_theme(package_of_today(chosen["theme_package"]).resolve_tokens(chosen["theme_tokens"]))
        require_readable(theme)
        update_tenant(tenant_id=work.require_tenant_id(), theme_hash=theme.hash)
        return {"theme": chosen["theme_package"], "stylesheet": theme.file_name}

    def undo(self, work: Work) -> None:
        """Nothing of its own: the values go with the registry's row."""


class ClaimDomains(PreparedStep):
    """Begins a claim for each domain of the archive; whoever owns it proves it anew, here as anywhere.

    Claims go with the registry's row.
    """

    name: ClassVar[str] = "claims"
    label: ClassVar[Promise] = _("Asking for the domains")

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        told = {}
        for host in taken(work)["domains"]:
            try:
                claim_domain(actor=ACTOR, tenant_id=work.require_tenant_id(), host=host)
            except Unavailable:
                raise
            except DomainError as error:
                # Taken here, or not in the plan: the owner sees it missing, and the marketplace is there all the same.
                told[host] = error.message
            else:
                told[host] = "claimed"
        return {"domains": told}


class GrantOwners(CreateOwner):
    """Opens the walk from the platform to those who own the marketplace; who comes from the archive has no password here."""

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        with tenant_scope(work.tenant()):
            found = [(owner.email, owner.public_id, owner.first_name, owner.last_name) for owner in owners()]
        if not found:
            return super().do(work)
        with platform_scope(reason="grant entry"):
            for email, member_id, first_name, last_name in found:
                person = get_or_create_user_for_email(email=email, first_name=first_name, last_name=last_name)
                grant_entry(user=person, tenant_id=work.require_tenant_id(), member_id=member_id)
        return {"owner": found[0][0], "owners": [email for email, *_rest in found]}

    def undo(self, work: Work) -> None:
        super().undo(work)
        with platform_scope(reason="revoke entry"):
            for email in work.noted.get("owners", ()):
                person = user_by_email(email)
                if person is not None and work.tenant_id is not None:
                    revoke_entry(user=person, tenant_id=work.tenant_id)
                forget_person_without_a_way_in(email=email)


def _write_file(work: Work, tenant: TenantContext, archive: ArchiveReader, member: Member) -> None:
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
        for block in now_and_then(archive.blocks(member), work.keep):
            copy.write(block)
        copy.seek(0)
        work.keep(seconds=member.size // STORED_BYTES_PER_SECOND)
        with tenant_scope(tenant):
            _save_as(member.name.removeprefix(FILES), File(copy))


def _save_as(name: str, content: File[bytes]) -> None:
    """Under this very name: the store would give a second file another one."""
    default_storage.delete(name)
    default_storage.save(name, content)
