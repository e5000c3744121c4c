"""`manage.py setup`: everything an installation needs before its processes start. May run at every start."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.actor import Actor
from kernel.errors import DomainError
from provisioning import pool
from provisioning.errors import PlanFailed
from provisioning.fleet.enlisting import versions_behind
from provisioning.fleet.migrating import FleetReport, migrate_fleet
from provisioning.looks import ask_for_missing_pictures
from provisioning.schemas.template import ensure_template
from shared_apps.billing.services import begin_missing
from shared_apps.business.services import settle_ledger
from shared_apps.packages.services import register_built_ins
from shared_apps.plans.services import load_default_plans
from tenants.clusters import clusters, has_several, on_cluster
from tenants.errors import WallIncomplete
from tenants.pooling import refuse_untracking_pooler
from tenants.schemas import migrate_public
from tenants.storage import prepare_storage


class Command(BaseCommand):
    help = "Make the bucket, migrate the platform's tables and every tenant, load the plans, build the template, fill the pool."
    # Its job is to make the database fit; before that, checks that look at it would refuse.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--strict", action="store_true", help="fail when a tenant could not be migrated (CI)")

    def handle(self, *, strict: bool, **_options: Any) -> None:  # Any: Django's other options
        prepare_storage()
        for alias in clusters():
            self._prepare(alias)
        load_default_plans()
        register_built_ins()
        begin_missing()
        settle_ledger()
        template = ensure_template()
        report = self._migrate()
        ask_for_missing_pictures()
        made = pool.fill()
        self.stdout.write(f"schema version {template.version}, {report.migrated} tenants migrated, {made} schemas made ready")
        self._tell_failures(report)
        behind = len(report.failed) + len(report.held_up) + report.left
        if behind and strict:
            raise CommandError(f"{behind} tenants are not migrated.")

    def _prepare(self, alias: str) -> None:
        """Roles, extensions, doors and the platform's tables on one cluster: each keeps an outbox of its own."""
        with on_cluster(alias):
            try:
                migrate_public()
            except WallIncomplete as error:
                raise CommandError(f"{error} (cluster {alias})" if has_several() else str(error)) from error
            # Only now is there a login to ask with.
            refuse_untracking_pooler()

    def _migrate(self) -> FleetReport:
        try:
            return migrate_fleet(actor=Actor.system("manage.py setup"))
        except (DomainError, PlanFailed) as error:
            self.stderr.write(f"NOBODY MIGRATED: {error}")
            return FleetReport(0, {}, left=sum(versions_behind().values()))

    def _tell_failures(self, report: FleetReport) -> None:
        """Loudly, and no more than that: the processes wait for this command, and one tenant's trouble is not the others'."""
        for slug, reason in report.failed.items():
            self.stderr.write(f"NOT MIGRATED: {slug} stays on its maintenance page: {reason}")
        for slug in report.held_up:
            self.stderr.write(f"NOT MIGRATED YET: {slug}: held up (`manage.py fleet status` says by what); it is tried again")
        if report.left:
            self.stderr.write(
                f"NOT MIGRATED YET: {report.left} tenants: the run is {report.state}. Look with `manage.py fleet status`,"
                " go on with `manage.py fleet resume`."
            )
