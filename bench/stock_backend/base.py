"""See the package."""

from __future__ import annotations

from django_tenants.postgresql_backend.base import DatabaseWrapper as StockWrapper

from tenants.backend.schema import SchemaEditor


class DatabaseWrapper(StockWrapper):
    """Both sides of the benchmark make the same schema."""

    SchemaEditorClass = SchemaEditor
