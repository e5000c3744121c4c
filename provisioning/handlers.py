"""What follows when a marketplace has opened."""

from __future__ import annotations

from provisioning.events import OrganizationLive
from themes.publishing import publish_theme


def publish_first_look(event: OrganizationLive) -> None:
    """Write the stylesheet and the brand's pictures as files (half a second). Twice: the same files again."""
    del event
    publish_theme()
