"""The theme that the marketplace wears: which version, whether a later one is there, and whether a part of it fails."""

from __future__ import annotations

from dataclasses import dataclass

from shared_apps.packages.selectors import offered_version
from tenants.context import TenantContext
from themes.loader import package_or_stand_in
from themes.troubles import troubles_of


@dataclass(frozen=True, slots=True)
class ThemeCard:
    """What the theme's page shows. `offered` is a later version that changes no promise, else empty.

    `failing` names the parts of pages that another theme stands in for.
    """

    name: str
    version: str
    description: str
    offered: str
    offered_digest: str
    failing: tuple[str, ...]


def theme_card(tenant: TenantContext) -> ThemeCard:
    """One query, and a look into the shared cache."""
    package = package_or_stand_in(tenant.theme_ref)
    offered = offered_version(package.id, package.version)
    worn = tenant.theme_digest or package.digest
    return ThemeCard(
        name=package.name,
        version=package.version,
        description=package.manifest.description,
        offered=offered.version if offered else "",
        offered_digest=offered.digest if offered else "",
        failing=tuple(trouble.template or tenant.theme_package for trouble in troubles_of(worn)),
    )
