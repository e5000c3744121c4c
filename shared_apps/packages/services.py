"""Installing, removing and registering versions of theme packages."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.locking import lock_rows
from shared_apps.audit.services import record
from shared_apps.packages.errors import (
    PackageHasErrors,
    PackageUnreadable,
    VersionNotFound,
    VersionTaken,
    VersionWorn,
)
from shared_apps.packages.models import PackageVersion
from shared_apps.packages.selectors import brought_digests, newest_version
from shared_apps.packages.types import MANAGE
from tenants.models import Tenant
from tenants.registry import move_theme_version
from tenants.scope import platform_scope
from themes.engine.errors import PackageError, UnknownPackageError
from themes.engine.packages import ThemePackage, built_in_ids, load_package_at, usable_packages
from themes.lint.findings import Finding, errors_of
from themes.lint.running import lint_package
from themes.packing.reading import Files, read_package
from themes.packing.writing import write_folder
from themes.shelf import delete_version, find_package, forget_versions, reference, store_version

logger = logging.getLogger(__name__)

_INSTALLED: Final = "theme.installed"
_REMOVED: Final = "theme.removed"


def install_package(*, actor: Actor, blob: bytes) -> PackageVersion:
    """Read a zip, look it over, keep it; every machine has it from now on. Nobody wears it by that.

    The version is sealed with the parents that it stands on now. May be called again with the same file: nothing changes.

    Raises:
        PermissionDenied: the actor may not install templates, which run on the server.
        PackageUnreadable: the file is no package; PackageHasErrors: the linter refuses it; both blame `file`.
        VersionTaken: the id is the platform's, or other files have this version's number.
    """
    actor.require(MANAGE)
    try:
        package_id, files = read_package(blob)
    except PackageError as error:
        raise PackageUnreadable(str(error), field="file") from None
    if package_id in built_in_ids():
        raise VersionTaken(_("“%(id)s” belongs to the platform; choose another id.") % {"id": package_id}, field="file")
    with tempfile.TemporaryDirectory(prefix="theme-") as folder:
        package, findings = _looked_over(Path(folder) / "packages", package_id, files)
        _refuse_another(package)
        store_version(package)
        return _noted(actor, package, findings)


def _looked_over(folder: Path, package_id: str, files: Files) -> tuple[ThemePackage, Sequence[Finding]]:
    write_folder({**_installed_parents(files), package_id: files}, folder)
    findings = lint_package(folder / package_id)
    errors = errors_of(findings)
    if errors:
        raise PackageHasErrors(findings, len(errors))
    return load_package_at(folder / package_id), findings


def _installed_parents(files: Files) -> Mapping[str, Files]:
    """The parents that were installed from a zip themselves: they are sealed into the new version."""
    parent_id = _parent_named_in(files)
    newest = newest_version(parent_id) if parent_id and parent_id not in built_in_ids() else None
    if newest is None:
        return {}
    try:
        return find_package(reference(newest.package_id, newest.digest)).sealed
    except (PackageError, UnknownPackageError):
        # The linter says of the manifest that there is no such parent.
        return {}


def _parent_named_in(files: Files) -> str:
    import tomllib

    try:
        theme = tomllib.loads(files["theme.toml"].decode()).get("theme")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return ""
    return str(theme.get("extends") or "") if isinstance(theme, dict) else ""


def _refuse_another(package: ThemePackage) -> None:
    taken = PackageVersion.objects.filter(package_id=package.id, version=package.version).first()
    if taken is not None and taken.digest != package.digest:
        raise VersionTaken(
            _("%(name)s %(version)s is installed already, with other files. Give yours a higher version.")
            % {"name": package.name, "version": package.version},
            field="file",
        )


def _noted(actor: Actor, package: ThemePackage, findings: Sequence[Finding]) -> PackageVersion:
    try:
        with transaction.atomic():
            row, is_new = PackageVersion.objects.get_or_create(
                digest=package.digest, defaults=_facts(package, findings) | {"installed_by": actor.label}
            )
            if is_new:
                record(
                    action=_INSTALLED, actor_label=actor.label, actor_kind=actor.kind, target=_shown(row),
                    data={"digest": package.digest, "warnings": len(findings)},
                )  # fmt: skip
    except IntegrityError:
        # Somebody installed this version at the same moment, of other files.
        _refuse_another(package)
        raise
    transaction.on_commit(forget_versions)
    return row


def _facts(package: ThemePackage, findings: Sequence[Finding]) -> dict[str, object]:
    return {
        "package_id": package.id,
        "version": package.version,
        "name": package.name[:60],
        "description": package.manifest.description[:300],
        "size_bytes": sum(len(blob) for files in package.sealed.values() for blob in files.values()),
        "findings": [finding.as_row() for finding in findings],
        "installed_at": clock.now(),
    }


def remove_version(*, actor: Actor, digest: str) -> None:
    """Take a version away that nobody wears and that did not come with the code.

    Raises:
        PermissionDenied: the actor may not.
        VersionNotFound, VersionWorn: there is none, or it is needed.
    """
    actor.require(MANAGE)
    with transaction.atomic():
        found = lock_rows(PackageVersion.objects.filter(digest=digest))
        if not found:
            raise VersionNotFound
        if digest in brought_digests():
            raise VersionWorn(_("This version comes with the platform and cannot be removed."))
        if Tenant.objects.filter(theme_digest=digest).exists():
            raise VersionWorn(_("Organizations wear this version. It can be removed when none does."))
        record(
            action=_REMOVED, actor_label=actor.label, actor_kind=actor.kind, target=_shown(found[0]), data={"digest": digest}
        )
        found[0].delete()
        transaction.on_commit(lambda: delete_version(digest))


def register_built_ins() -> int:
    """Keep the versions that this code brings, so that a later release does not take them from who wears them.

    Whoever has no version yet gets the one of today. Files that changed under the same number are a version in the making:
    its wearers go along. Run by `manage.py setup`; may run again. How many versions are new.
    """
    made = 0
    for package in usable_packages():
        store_version(package)
        with platform_scope(reason="register theme package"), transaction.atomic():
            before = PackageVersion.objects.filter(package_id=package.id, version=package.version).first()
            if before is None:
                PackageVersion.objects.create(digest=package.digest, **_facts(package, ()))
                made += 1
            elif before.digest != package.digest:
                logger.warning("%s changed and kept its version: whoever wears it goes along", _shown(before))
                PackageVersion.objects.filter(pk=before.pk).update(digest=package.digest, **_facts(package, ()))
                move_theme_version(package_id=package.id, old=before.digest, new=package.digest)
            move_theme_version(package_id=package.id, old="", new=package.digest)
    return made


def _shown(version: PackageVersion) -> str:
    return f"{version.package_id} {version.version}"
