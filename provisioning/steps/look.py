"""The organization's colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.saga.step import SagaStep, Work
from provisioning.steps.content import blueprint_of
from shared_apps.packages.selectors import package_of_today
from tenants.registry import update_tenant
from themes.engine.audit import require_readable
from themes.engine.stylesheet import compile_theme


class ApplyTheme(SagaStep):
    """Compiles the theme from the blueprint's tokens and the owner's colour, and names the result in the registry.

    The stylesheet is served from its values at once; pictures of the brand (half a second) follow by `OrganizationLive`.
    """

    name: ClassVar[str] = "theme"
    label: ClassVar[Promise] = _("Putting on your colours")

    def check(self, work: Work) -> bool:
        return bool(work.tenant().theme_hash)

    def do(self, work: Work) -> Mapping[str, str | int]:
        look, request = blueprint_of(work).look, work.request
        tokens = dict(look.tokens)
        if request.brand_color:
            # The blueprint's accent was chosen for its own brand colour.
            tokens |= {"brand": request.brand_color, "accent": request.accent_color or None}
        package = package_of_today(look.package)
        theme = compile_theme(package.resolve_tokens(tokens))
        require_readable(theme)
        update_tenant(
            tenant_id=work.require_tenant_id(),
            theme_package=look.package,
            theme_digest=package.digest,
            theme_tokens=tokens,
            theme_hash=theme.hash,
        )
        return {"theme": look.package, "stylesheet": theme.file_name}

    def undo(self, work: Work) -> None:
        """Nothing of its own: files go with the tenant's prefix, values with the registry's row."""
