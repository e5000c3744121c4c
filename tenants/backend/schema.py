"""Migrations without the indexes that Django adds to every indexed text for `LIKE 'abc%'`: no query of ours uses them."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql.schema import DatabaseSchemaEditor


class SchemaEditor(DatabaseSchemaEditor):
    """A tenant's schema is the unit of cost, and an index costs as much as a table."""

    def _create_like_index_sql(self, model: Any, field: Any) -> None:  # Any: Django's own signature
        del model, field
