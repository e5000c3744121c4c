"""Every table of the platform has a fate in `contents`, and what it says of columns is true."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import connection

from provisioning.erasing.contents import ERASING, Fate
from tenants.scope import owner_scope


def test_every_model_of_the_platform_has_a_fate():
    public = [config for config in apps.get_app_configs() if config.name in settings.SHARED_APPS]
    tables = {model._meta.db_table for config in public for model in config.get_models(include_auto_created=True)}

    assert tables | {"django_migrations"} == set(ERASING), "a line in provisioning/erasing/contents.py for each"


def test_every_table_with_an_organizations_id_goes_or_is_scrubbed(db):
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'"
        )
        tables = {table for (table,) in cursor.fetchall()}

    assert "outbox_message" in tables
    assert {table for table in tables if ERASING[table].fate not in {Fate.GOES, Fate.SCRUBBED}} == set()


def test_what_goes_or_is_scrubbed_says_by_which_condition():
    silent = {table for table, one in ERASING.items() if one.fate in {Fate.GOES, Fate.SCRUBBED} and not one.where}

    # The tombstone stays as it is.
    assert silent == {"tenants_releasedname"}
