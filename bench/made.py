"""What two ways of making a schema are compared by, before anybody compares their times."""

from __future__ import annotations

from dataclasses import replace

from provisioning.schemas.catalog import Catalog, read_catalog


def what_is_made(schema: str) -> Catalog:
    """The schema's catalog, whoever owns it: django-tenants has one login for everything, and no owner's role."""
    return replace(read_catalog(schema), strangers=())
