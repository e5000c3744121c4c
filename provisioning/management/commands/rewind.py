"""`manage.py rewind SLUG --side HOST`: one organization as it was at a moment to which a side cluster was recovered."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from kernel.actor import Actor
from kernel.errors import DomainError
from provisioning.archives.errors import NotArchivable
from provisioning.archives.rewinding import keep_snapshot, write_past
from provisioning.archives.writing import Progress
from tenants.models import Tenant
from tenants.scope import platform_scope

_ACTOR = Actor.system("manage.py rewind")
_PORT = "5432"


class Command(BaseCommand):
    help = "Read one organization from a side cluster, keep that as a snapshot, and restore it beside what lives."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument(
            "--side",
            required=True,
            metavar="HOST[:PORT]",
            help="where the side cluster answers; database and login are those of DATABASE_URL",
        )

    def handle(self, *, slug: str, side: str, **options: Any) -> None:  # Any: Django's own options
        del options
        host, _colon, port = side.partition(":")
        try:
            moment = self._keep(slug, host, port or _PORT)
        except (DomainError, NotArchivable) as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"{side}: {error}") from error
        call_command("tenant", "restore", slug, f"--before={moment}", stdout=self.stdout, stderr=self.stderr)

    def _keep(self, slug: str, host: str, port: str) -> str:
        """The moment of its rows; the snapshot is the newest."""
        with platform_scope(reason="rewind"):
            tenant_id = Tenant.objects.filter(slug__iexact=slug).values_list("pk", flat=True).first()
        if tenant_id is None:
            raise CommandError(f"There is no organization “{slug}” to put anything beside.")
        with TemporaryFile() as file:
            written = write_past(slug, file, host=host, port=port, tell=self._tell)
            file.seek(0)
            keep_snapshot(actor=_ACTOR, tenant_id=tenant_id, file=file)
        self.stdout.write(f"{slug} as it was at {written.created_at.isoformat()}: {written.row_count} rows, kept as a snapshot")
        return written.created_at.isoformat()

    def _tell(self, progress: Progress) -> None:
        self.stdout.write(f"{progress.rows_done}/{progress.rows_total} rows", ending="\r")
