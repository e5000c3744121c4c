"""`manage.py rewind SLUG --side HOST`: one organization as it was at a moment to which a side cluster was recovered."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from kernel.actor import Actor
from kernel.errors import DomainError
from provisioning.archives.errors import NotArchivable
from provisioning.archives.rewinding import keep_snapshot, write_past
from provisioning.archives.writing import Progress
from shared_apps.archives.selectors import archive_by_id
from tenants.models import Tenant
from tenants.scope import platform_scope

_ACTOR = Actor.system("manage.py rewind")
_PORT = "5432"


class Command(BaseCommand):
    help = "Read one organization from a side cluster, keep that as a snapshot, and restore it beside what lives."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument(
            "--side",
            metavar="HOST[:PORT]",
            help="where the side cluster answers; database and login are those of DATABASE_URL",
        )
        source.add_argument("--file", type=Path, help="what --output wrote")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="write what the side cluster says, and leave the rest to another release",
        )

    def handle(self, *, slug: str, side: str | None, file: Path | None, output: Path | None, **options: Any) -> None:
        # Any: Django's own options
        del options
        if file is not None and output is not None:
            raise CommandError("--output is what --side says; --file is kept and restored.")
        try:
            with _opened(file, output) as archive:
                if side is not None:
                    self._write(slug, archive, side)
                if output is None:
                    self._restore(slug, archive)
        except (DomainError, NotArchivable, DatabaseError, OSError) as error:
            raise CommandError(f"{side or file}: {error}") from error

    def _write(self, slug: str, archive: IO[bytes], side: str) -> None:
        host, _colon, port = side.partition(":")
        written = write_past(slug, archive, host=host, port=port or _PORT, tell=self._tell)
        self.stdout.write(f"{slug} as it was at {written.created_at.isoformat()}: {written.row_count} rows")

    def _restore(self, slug: str, archive: IO[bytes]) -> None:
        """Keep it, as the newest snapshot, and go on as with any other."""
        with platform_scope(reason="rewind"):
            tenant_id = Tenant.objects.filter(slug__iexact=slug).values_list("pk", flat=True).first()
        if tenant_id is None:
            raise CommandError(f"There is no organization “{slug}” to put anything beside.")
        archive.seek(0)
        kept = keep_snapshot(actor=_ACTOR, tenant_id=tenant_id, file=archive)
        moment = archive_by_id(kept.public_id).taken_at or kept.created_at
        call_command("tenant", "restore", slug, f"--before={moment.isoformat()}", stdout=self.stdout, stderr=self.stderr)

    def _tell(self, progress: Progress) -> None:
        self.stdout.write(f"{progress.rows_done}/{progress.rows_total} rows", ending="\r")


def _opened(file: Path | None, output: Path | None) -> IO[bytes]:
    if file is not None:
        return file.open("rb")
    return output.open("wb") if output is not None else TemporaryFile()
