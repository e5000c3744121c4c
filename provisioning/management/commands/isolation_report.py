"""`manage.py isolation_report verify FILE | show REPORT`: whether a report is genuine, and what one says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.errors import Invalid
from kernel.ids import parse_public_id
from provisioning.selftest.document import NoReport, verify
from shared_apps.isolation.selectors import report_by_id
from shared_apps.isolation.types import REPORT_PREFIX, Result


class Command(BaseCommand):
    help = "Verify a signed isolation report, or show what did not hold in one."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        verifying = actions.add_parser("verify", help="whether nobody changed a word of a downloaded report")
        verifying.add_argument("file", type=Path)
        verifying.add_argument("--key", help="the key that must have signed it; by default, one of this installation")
        showing = actions.add_parser("show", help="the attempts of a report that were not refused")
        showing.add_argument("report", help="its number, iso_…")

    def handle(self, *, action: str, **options: Any) -> None:  # Any: Django's own options
        if action == "verify":
            self._verify(options["file"], options["key"])
        else:
            self._show(options["report"])

    def _verify(self, file: Path, key: str | None) -> None:
        try:
            found = verify(file.read_bytes())
        except FileNotFoundError as error:
            raise CommandError(f"There is no file {file}.") from error
        except OSError as error:
            raise CommandError(f"The file {file} cannot be read: {error.strerror}.") from error
        except NoReport as error:
            raise CommandError(str(error)) from error
        if not found.is_genuine:
            raise CommandError("The signature does not fit: the file was changed after it was signed.")
        if found.key != key.lower() if key else not found.is_ours:
            raise CommandError(f"The signature fits, but it is of another key: {found.key}")
        report = found.report
        self.stdout.write(f"genuine: {report['id']} of {report['organization']['host']}, {report['finished_at']}")
        self.stdout.write(f"{report['verdict']}: {report['counts']}")

    def _show(self, number: str) -> None:
        try:
            report = report_by_id(parse_public_id(REPORT_PREFIX, number))
        except Invalid as error:
            raise CommandError(error.message) from error
        if report is None:
            raise CommandError("There is no such report.")
        for trial in (trial for trials in report.trials.values() for trial in trials):
            if trial["result"] != Result.REFUSED:
                self.stdout.write(f"{trial['result']}  {trial['attempt']}  {trial['direction']}  {trial['why']}")
        self.stdout.write(f"{report.state} {report.verdict}")
