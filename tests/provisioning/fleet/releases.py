"""A next release of the code: the real migrations of `catalog`, and one or more that a test writes after them."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.db import connection, transaction
from django.test import override_settings

from ops.local.home import ROOT
from provisioning.models import SchemaTemplate
from provisioning.schemas import template
from tenants.schemas import code_schema_version, create_schema, migrate_schema, schema_exists, supported_versions
from tenants.scope import platform_scope, schema_scope

APP = "catalog"
_REAL = ROOT / "tenant_apps" / APP / "migrations"
_HEAD = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Now

class Migration(migrations.Migration):
    dependencies = [("catalog", "{before}")]
"""

COLUMN_AND_INDEX = """
    operations = [
        migrations.AddField("service", "colour", models.CharField(max_length=7, default="", db_default="")),
        migrations.AddIndex("service", models.Index(fields=["colour"], name="service_colour")),
    ]
"""
CONCURRENT_INDEX = """
    atomic = False
    operations = [AddIndexConcurrently("service", models.Index(fields=["title"], name="service_title_quickly"))]
"""
PYTHON = """
    def shout(apps, schema_editor):
        for category in apps.get_model("catalog", "Category").objects.all():
            category.name = category.name + "!"
            category.save()

    operations = [migrations.RunPython(shout, migrations.RunPython.noop)]
"""
# Fails where two categories have one picture.
UNIQUE_ICON = """
    operations = [
        migrations.AddConstraint("category", models.UniqueConstraint(fields=["icon"], name="category_icon_unique")),
    ]
"""
NOWHERE = """
    operations = [migrations.RunSQL("SELECT no_such_function()", "")]
"""
COMPUTED_DEFAULT = """
    import uuid
    operations = [migrations.AddField("service", "token", models.UUIDField(default=uuid.uuid4))]
"""
RAW_SQL = """
    operations = [
        migrations.RunSQL(
            "-- why\\nUPDATE catalog_category SET name = name || ' 100%'; CREATE INDEX by_name ON catalog_category (name)",
            "DROP INDEX by_name",
        ),
    ]
"""


def write_release(folder: Path, bodies: Mapping[str, str]) -> str:
    """Write the package of migrations below `folder`; its name."""
    name = f"release_{uuid4().hex}"
    shutil.copytree(_REAL, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    before = max(path.stem for path in _REAL.glob("0*.py"))
    for migration, body in bodies.items():
        (folder / name / f"{migration}.py").write_text(_HEAD.format(before=before) + body)
        before = migration
    return name


def migrate_on_top_of_the_first(schema: str) -> None:
    """A release's template begins as a replay of the code's own: what is older than the release is migrated once for all."""
    replay_the_first(schema)
    migrate_schema(schema)


def replay_the_first(schema: str) -> None:
    """Make a schema as the code's own is; quiet when it is there."""
    with platform_scope(reason="test"):
        first = SchemaTemplate.objects.order_by("pk").first()
    if first is not None and not schema_exists(schema):
        create_schema(schema)
        with schema_scope(schema, reason="test"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(first.script)


@contextmanager
def released(folder: Path, bodies: Mapping[str, str]) -> Generator[str]:
    """This process runs the code of that release inside the block. Yields the package's name."""
    name = write_release(folder, bodies)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        with override_settings(MIGRATION_MODULES={APP: name}):
            _forget()
            yield name
    finally:
        sys.path.remove(str(folder))
        _forget()


def _forget() -> None:
    code_schema_version.cache_clear()
    supported_versions.cache_clear()
    template._scripts.clear()
