"""`manage.py theme`: look packages over, begin one, pack, install, list and remove them (docs/how-to/themes.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.actor import Actor
from kernel.errors import DomainError
from shared_apps.packages.errors import PackageHasErrors
from shared_apps.packages.selectors import versions
from shared_apps.packages.services import install_package, remove_version
from tenants.scope import platform_scope
from themes.engine.errors import PackageError, UnknownPackageError
from themes.engine.packages import get_package
from themes.lint.findings import Finding, errors_of
from themes.lint.running import lint_package, lint_zip
from themes.packing.places import is_package_id
from themes.packing.reading import LARGEST_ZIP
from themes.packing.skeleton import skeleton_files
from themes.packing.writing import files_below, write_folder, write_zip


class Command(BaseCommand):
    """Whoever may run this command owns the machine, so it acts as the platform itself; the audit trail says so."""

    help = "Look theme packages over, begin one, pack, install, list and remove them."
    # A package that breaks the contract is this command's daily bread, and a start-up check's error.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        lint = verbs.add_parser("lint", help="say what is wrong with a package")
        lint.add_argument("package", help="a folder, a zip, or the id of a package that the platform brings")
        lint.add_argument("--json", action="store_true", help="for programs")
        new = verbs.add_parser("new", help="begin a package, complete and clean")
        new.add_argument("id")
        new.add_argument("--in", dest="folder", default=".", help="the folder to make it in")
        pack = verbs.add_parser("pack", help="write a package as one file, the same bytes each time")
        pack.add_argument("package", help="a folder, or the id of a package that the platform brings")
        pack.add_argument("-o", "--output", required=True)
        verbs.add_parser("install", help="install a zip, for organizations to choose").add_argument("file")
        verbs.add_parser("list", help="print all versions, and how many organizations wear each")
        verbs.add_parser("remove", help="take a version away that nobody wears").add_argument("digest")

    def handle(self, *_args: Any, verb: str, **options: Any) -> None:  # Any: Django's own signature
        try:
            getattr(self, f"_{verb}")(options)
        except PackageHasErrors as error:
            self._print(error.findings)
            raise CommandError(error.message) from error
        except (DomainError, PackageError, UnknownPackageError, OSError) as error:
            raise CommandError(str(error)) from error

    def _lint(self, options: dict[str, Any]) -> None:  # Any: as above
        path = Path(options["package"])
        findings = lint_zip(_read_zip(path)) if path.suffix == ".zip" else lint_package(_folder(options["package"]))
        errors = len(errors_of(findings))
        if options["json"]:
            rows = [finding.as_row() for finding in findings]
            self.stdout.write(json.dumps({"errors": errors, "warnings": len(rows) - errors, "findings": rows}, indent=2))
        else:
            self._print(findings)
            self.stdout.write(f"{errors} errors, {len(findings) - errors} warnings.")
        if errors:
            raise CommandError("The package would not be installed.", returncode=1)

    def _print(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self.stdout.write(str(finding))

    def _new(self, options: dict[str, Any]) -> None:  # Any: as above
        package_id, folder = options["id"], Path(options["folder"])
        if not is_package_id(package_id):
            raise CommandError(f"{package_id!r} is no id: 2 to 32 lower-case letters, digits or hyphens, a letter first.")
        if (folder / package_id).exists():
            raise CommandError(f"{folder / package_id} is there already.")
        write_folder({".": skeleton_files(package_id)}, folder / package_id)
        self.stdout.write(f"{folder / package_id} is ready. Look it over with: manage.py theme lint {folder / package_id}")

    def _pack(self, options: dict[str, Any]) -> None:  # Any: as above
        folder = _folder(options["package"])
        errors = errors_of(lint_package(folder))
        if errors:
            self._print(errors)
            raise CommandError("A package with errors is not packed.")
        blob = write_zip({folder.name: files_below(folder)})
        Path(options["output"]).write_bytes(blob)
        self.stdout.write(f"{options['output']}: {len(blob)} bytes.")

    def _install(self, options: dict[str, Any]) -> None:  # Any: as above
        blob = _read_zip(Path(options["file"]))
        with platform_scope(reason="manage.py theme"):
            row = install_package(actor=_actor(), blob=blob)
        self.stdout.write(f"{row.package_id} {row.version} is installed as {row.digest[:12]}.")

    def _list(self, _options: dict[str, Any]) -> None:  # Any: as above
        with platform_scope(reason="manage.py theme"):
            for row in versions(_actor()):
                source = "with the platform" if row.is_brought else row.installed_by or "with an earlier release"
                self.stdout.write(f"{row.package_id}\t{row.version}\t{row.digest}\t{row.wearers} wear it\t{source}")

    def _remove(self, options: dict[str, Any]) -> None:  # Any: as above
        with platform_scope(reason="manage.py theme"):
            matching = [row.digest for row in versions(_actor()) if row.digest.startswith(options["digest"])]
            if len(matching) != 1:
                raise CommandError(f"{len(matching)} versions have a digest that begins so.")
            remove_version(actor=_actor(), digest=matching[0])
        self.stdout.write(f"{matching[0][:12]} is removed.")


def _actor() -> Actor:
    return Actor.system("manage.py theme")


def _folder(named: str) -> Path:
    """The folder of a path, or of a package that the platform brings."""
    path = Path(named)
    if path.is_dir():
        return path.resolve()
    if not is_package_id(named):
        raise CommandError(f"{named} is neither a folder nor the id of a package.")
    return get_package(named).folder


def _read_zip(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_ZIP + 1)
