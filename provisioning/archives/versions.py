"""Archives of an older version: whether there is a way from it to this code's, and the schema that its rows fit into."""

from __future__ import annotations

from collections.abc import Collection

from django.db import DatabaseError
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from provisioning.archives.contents import CARRIED, LEFT_BEHIND
from provisioning.archives.errors import ArchiveOfOtherVersion
from provisioning.archives.manifest import Manifest
from provisioning.errors import PlanFailed, ProvisioningError
from provisioning.fleet.planning import make_plan
from provisioning.models import SchemaTemplate
from provisioning.schemas.catalog import Catalog, read_catalog
from provisioning.schemas.probes import probe_of
from provisioning.schemas.template import (
    ensure_template,
    ensure_template_of,
    forget_template,
    is_template_known,
    template_schema,
)
from tenants.clusters import DEFAULT, on_cluster
from tenants.schemas import code_migrations, code_schema_version, version_of
from tenants.scope import platform_scope


def require_known_version(manifest: Manifest) -> None:
    """Quiet when this code has every migration of the archive's version, and its tables are such as we carry. Reads no table.

    Raises:
        ArchiveOfOtherVersion: it is newer, or no version of ours; the sentence names what is lacking.
    """
    labels = frozenset(manifest.migrations)
    if unknown := sorted(labels - code_migrations()):
        raise ArchiveOfOtherVersion(
            _("This archive was written by a newer version (it has “%(name)s”). Update this installation, then import it.")
            % {"name": unknown[0]}
        )
    if version_of(_key(label) for label in labels) != manifest.schema_version:
        raise ArchiveOfOtherVersion(
            _("This archive is of a version “%(version)s” that its own list of migrations does not make.")
            % {"version": manifest.schema_version}
        )
    if gap := _gap_in(labels):
        raise ArchiveOfOtherVersion(
            _("There is no way from the archive's version to this one: it has “%(name)s” without “%(needed)s”.")
            % {"name": gap[0], "needed": gap[1]}
        )
    _require_tables({table.name for table in manifest.tables}, is_own=manifest.schema_version == code_schema_version())


def require_way(manifest: Manifest) -> None:
    """Quiet when a schema of the archive's version was made, empty, and brought to this code's: seconds where it is older.

    What is made for that goes again, but for the version's script where there is a way. Must not be called in a transaction.

    Raises:
        ArchiveOfOtherVersion: it cannot; the sentence says where it ends.
    """
    version = manifest.schema_version
    if version == code_schema_version():
        return
    was_known = is_template_known(version)
    try:
        _require_way(manifest)
    except ArchiveOfOtherVersion:
        if not was_known:
            forget_template(version)
        raise


def _require_way(manifest: Manifest) -> None:
    try:
        template = ensure_template_of(manifest.schema_version, frozenset(manifest.migrations))
        make_plan(template.version)
    except (PlanFailed, ProvisioningError, DatabaseError) as error:
        raise ArchiveOfOtherVersion(
            _("There is no way from the archive's version “%(version)s” to this one: %(why)s")
            % {"version": manifest.schema_version, "why": str(error).partition("\n")[0]}
        ) from error
    lacking = _carried_in(catalog_of(template.version)) - {table.name for table in manifest.tables}
    if lacking:
        raise ArchiveOfOtherVersion(_("This archive lacks the table “%(name)s” of its own version.") % {"name": min(lacking)})


def script_of(version: str) -> str:
    """The script of an empty schema of a version that `require_way` was quiet about, or of this code's."""
    return _template_of(version).script


def catalog_of(version: str) -> Catalog:
    """The catalog of a finished schema of such a version. Must not be called inside a transaction for an older one."""
    if version == code_schema_version():
        ensure_template()
        with on_cluster(DEFAULT):
            return read_catalog(template_schema(version))
    with probe_of(script_of(version)) as schema:
        return read_catalog(schema)


def _template_of(version: str) -> SchemaTemplate:
    if version == code_schema_version():
        return ensure_template()
    with platform_scope(reason="template of an archive"):
        found = SchemaTemplate.objects.filter(version=version).first()
    if found is None:
        raise ArchiveOfOtherVersion(_("Nothing is known here of the archive's version “%(version)s”.") % {"version": version})
    return found


def _require_tables(named: Collection[str], *, is_own: bool) -> None:
    # An older version may lack tables of this one, and have had others: its own catalog says which, where rows are loaded.
    if (is_own and named != CARRIED) or LEFT_BEHIND.keys() & set(named):
        raise ArchiveOfOtherVersion(_("This archive carries other tables than this version does."))


def _carried_in(catalog: Catalog) -> frozenset[str]:
    return CARRIED & {relation.name for relation in catalog.relations}


def _gap_in(labels: frozenset[str]) -> tuple[str, str] | None:
    """A migration that needs one which is not there; such a set was never a version."""
    graph = MigrationLoader(None).graph
    known = code_migrations()
    for label in sorted(labels):
        for parent in sorted(graph.node_map[_key(label)].parents):
            needed = f"{parent.key[0]}.{parent.key[1]}"
            if needed in known and needed not in labels:
                return label, needed
    return None


def _key(label: str) -> tuple[str, str]:
    app, _dot, name = label.partition(".")
    return app, name
