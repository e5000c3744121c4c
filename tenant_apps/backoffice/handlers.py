"""What follows when an organization changes how it presents itself."""

from __future__ import annotations

from tenant_apps.backoffice.events import LookChanged
from themes.publishing import publish_theme


def draw_brand_kit(event: LookChanged) -> None:
    """Draw icons and share picture of the look that is live now (half a second). Twice: the same files again."""
    del event
    publish_theme()
