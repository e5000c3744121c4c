"""The template of the running code's version: built by the real migrations, once, and proved before it is used."""

from __future__ import annotations

from typing import Final

from django.db import connection
from django.db.utils import ProgrammingError

from provisioning.errors import TemplateNotReplayable
from provisioning.models import SchemaTemplate
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.probes import probe_of
from provisioning.schemas.script import build_script
from tenants.clusters import DEFAULT, on_cluster
from tenants.schemas import code_schema_version, drop_schema, migrate_schema, migrate_schema_to, schema_exists
from tenants.scope import platform_scope
from tenants.session_locks import holding, trying

_scripts: Final[dict[str, str]] = {}
_SHOWN_DIFFERENCES: Final = 10


def template_schema(version: str) -> str:
    """The name of the schema that holds the template of `version`."""
    return f"template_{version}"


def template_script() -> str:
    """The script of this code's version; the template is built on the first call ever. Cached in the process."""
    version = code_schema_version()
    if version not in _scripts:
        _scripts[version] = ensure_template().script
    return _scripts[version]


def ensure_template() -> SchemaTemplate:
    """The template of this code's version, built when there is none (seconds). May be called by many at once.

    A build that was killed leaves a half-migrated schema and no row; the next one carries its migrations on. Where code of
    another version ran in between, its row may be there without its schema.

    Raises:
        TemplateNotReplayable: the migrations made something that the script cannot make.
    """
    version = code_schema_version()
    found = _find_whole(version)
    if found is None:
        # One for all clusters: its script is replayed on any of them.
        with on_cluster(DEFAULT), holding(f"template {version}"):
            found = _find_whole(version) or _build(version)
    return found


def ensure_template_of(version: str, migrations: frozenset[str]) -> SchemaTemplate:
    """The template of an older version with these migrations, each "app.name"; made of this code's own when there is none.

    Only its script stays. May be called by many at once; not inside a transaction.

    Raises:
        TemplateNotReplayable, DatabaseError: the migrations make no such schema any more.
    """
    found, schema = _find(version), template_schema(version)
    if found is None:
        with on_cluster(DEFAULT), holding(f"template {version}"):
            # Code of that version may have begun one for itself.
            is_ours = not schema_exists(schema)
            try:
                found = _find(version) or _build(version, migrations)
            finally:
                if is_ours:
                    drop_schema(schema)
    return found


def forget_template(version: str) -> None:
    """Forget the script of an older version, which turned out to be of no use."""
    with platform_scope(reason="forget template"):
        SchemaTemplate.objects.filter(version=version).delete()


def is_template_known(version: str) -> bool:
    return _find(version) is not None


def drop_old_templates() -> int:
    """Drop the schemas of earlier versions' templates, finished ones and those of killed builds; how many.

    Their scripts stay: who still has such a schema is planned for from those. One that is being built is left alone, and
    so is one that was finished after ours: the code that comes next made it, and we run on while the fleet migrates.
    """
    kept = {template_schema(version) for version in _versions_from_own_on()}
    return sum(_drop_unless_building(schema) for schema in _template_schemas() if schema not in kept)


def _versions_from_own_on() -> set[str]:
    own = code_schema_version()
    with platform_scope(reason="find templates"):
        built = dict(SchemaTemplate.objects.values_list("version", "built_at"))
    return {own} | {version for version, at in built.items() if own in built and at > built[own]}


def _template_schemas() -> list[str]:
    with platform_scope(reason="find templates"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname ~ %s ORDER BY 1", [f"^{template_schema('[0-9a-f]{12}')}$"]
        )
        return [row[0] for row in cursor.fetchall()]


def _drop_unless_building(schema: str) -> bool:
    with trying(f"template {schema.removeprefix(template_schema(''))}") as is_free:
        if is_free:
            drop_schema(schema)
    return is_free


def _find(version: str) -> SchemaTemplate | None:
    with platform_scope(reason="find template"):
        return SchemaTemplate.objects.filter(version=version).first()


def _find_whole(version: str) -> SchemaTemplate | None:
    found = _find(version)
    with on_cluster(DEFAULT):
        return found if found is not None and schema_exists(template_schema(version)) else None


def _build(version: str, migrations: frozenset[str] | None = None) -> SchemaTemplate:
    """By all migrations of this code, or by some."""
    schema = template_schema(version)
    if migrations is None:
        migrate_schema(schema)
    else:
        migrate_schema_to(schema, migrations)
    catalog = read_catalog(schema)
    script = build_script(schema, catalog)
    _prove(script, schema)
    with platform_scope(reason="store template"):
        found, _made = SchemaTemplate.objects.update_or_create(
            version=version, defaults={"script": script, "fingerprint": catalog.fingerprint}
        )
    return found


def _prove(script: str, schema: str) -> None:
    """Replay once beside the template and compare, so that a template that cannot be replayed serves nobody."""
    try:
        with probe_of(script) as probe:
            differences = read_catalog(schema).differences(read_catalog(probe))
    except ProgrammingError as error:
        raise TemplateNotReplayable(f"The script of {schema} does not run: {error}") from error
    if differences:
        shown = "\n".join(differences[:_SHOWN_DIFFERENCES])
        raise TemplateNotReplayable(f"Replaying {schema} gives another schema ({len(differences)} differences):\n{shown}")
