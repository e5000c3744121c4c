"""What follows a change of the marketplace's look."""

from __future__ import annotations

from tenant_apps.backoffice.events import IdentityChanged
from themes.publishing import publish_theme


def publish_look(event: IdentityChanged) -> None:
    """Write stylesheet and pictures of the look as it is now. Twice: the same files again."""
    del event  # it says that something changed, not what
    publish_theme()
