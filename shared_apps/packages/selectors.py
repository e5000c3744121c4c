"""What is installed, and who wears it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count

from kernel.actor import Actor
from kernel.ids import format_public_id
from shared_apps.packages.errors import VersionNotFound
from shared_apps.packages.models import PackageVersion
from shared_apps.packages.rules import is_small_step, version_key
from shared_apps.packages.types import VIEW, VersionRow, Wearer
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import TENANT_PREFIX
from themes.engine.errors import UnknownPackageError
from themes.engine.packages import ThemePackage, get_package, usable_packages
from themes.shelf import find_package, reference


def versions(actor: Actor) -> Sequence[VersionRow]:
    """Every installed version, by package, the newest of each first. Two queries.

    Raises:
        PermissionDenied: the actor may not look.
    """
    actor.require(VIEW)
    counted = Tenant.objects.exclude(theme_digest="").values_list("theme_digest").annotate(count=Count("id"))
    wearers: dict[str, int] = dict(counted)
    brought = brought_digests()
    rows = [_row(version, wearers.get(version.digest, 0), brought) for version in PackageVersion.objects.all()]
    newest_first = sorted(rows, key=lambda row: version_key(row.version), reverse=True)
    return sorted(newest_first, key=lambda row: row.package_id)


def version(actor: Actor, digest: str) -> VersionRow:
    """One of them. Raises VersionNotFound, and as `versions`."""
    actor.require(VIEW)
    found = PackageVersion.objects.filter(digest=digest).first()
    if found is None:
        raise VersionNotFound
    return _row(found, Tenant.objects.filter(theme_digest=digest).count(), brought_digests())


def wearers(actor: Actor, digest: str, *, limit: int = 50) -> Sequence[Wearer]:
    """The organizations that wear a version, by their names."""
    actor.require(VIEW)
    found = Tenant.objects.filter(theme_digest=digest).order_by("name", "slug")[:limit]
    return [Wearer(format_public_id(TENANT_PREFIX, tenant.id), tenant.slug, tenant.name) for tenant in found]


def newest_version(package_id: str) -> PackageVersion | None:
    """The highest version of a package that is installed, or None. In any scope."""
    with platform_scope(reason="newest theme package"):
        found = list(PackageVersion.objects.filter(package_id=package_id))
    return max(found, key=lambda row: version_key(row.version), default=None)


def offered_version(package_id: str, worn: str) -> PackageVersion | None:
    """A later version within the same major one, for who wears `worn`; None where there is none. In any scope."""
    newest = newest_version(package_id)
    return newest if newest is not None and is_small_step(worn, newest.version) else None


def package_of_today(package_id: str) -> ThemePackage:
    """What somebody wears who takes this package now: this code's own version, else the newest that is installed.

    Raises:
        UnknownPackageError, PackageError: there is none, or it cannot be used.
    """
    try:
        return get_package(package_id)
    except UnknownPackageError:
        newest = newest_version(package_id)
        if newest is None:
            raise
        return find_package(reference(package_id, newest.digest))


def brought_digests() -> frozenset[str]:
    """Those versions that this code has in its own folders."""
    return frozenset(package.digest for package in usable_packages())


def _row(version: PackageVersion, wearer_count: int, brought: frozenset[str]) -> VersionRow:
    return VersionRow(
        digest=version.digest,
        package_id=version.package_id,
        version=version.version,
        name=version.name,
        description=version.description,
        size_bytes=version.size_bytes,
        findings=version.findings,
        installed_by=version.installed_by,
        installed_at=version.installed_at,
        wearers=wearer_count,
        is_brought=version.digest in brought,
    )
