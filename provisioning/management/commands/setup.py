"""`manage.py setup`: everything an installation needs before its processes start. May run at every start."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kernel.actor import Actor
from provisioning import pool
from provisioning.fleet.migrating import migrate_fleet
from provisioning.schemas.template import ensure_template
from shared_apps.plans.services import load_default_plans
from tenants.schemas import migrate_public
from tenants.storage import prepare_storage


class Command(BaseCommand):
    help = "Make the bucket, migrate the platform's tables and every tenant, load the plans, build the template, fill the pool."
    # Its job is to make the database fit; before that, checks that look at it would refuse.
    requires_system_checks = ()

    def handle(self, **_options: Any) -> None:  # Any: Django's own options
        prepare_storage()
        migrate_public()
        load_default_plans()
        template = ensure_template()
        report = migrate_fleet(actor=Actor.system("manage.py setup"))
        made = pool.fill()
        self.stdout.write(f"schema version {template.version}, {report.migrated} tenants migrated, {made} schemas made ready")
        if report.failed:
            listed = "\n".join(f"  {slug}: {reason}" for slug, reason in report.failed.items())
            raise CommandError(f"Could not be migrated and show their maintenance page:\n{listed}")
