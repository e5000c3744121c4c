"""What workers do about what others tell (config.subscriptions); each may run any number of times."""

from __future__ import annotations

from shared_apps.billing.services import follow_closing
from shared_apps.closing.events import OrganizationClosed, OrganizationReopened


def follow_organization(event: OrganizationClosed | OrganizationReopened) -> None:
    """Charge nothing while it is closed."""
    follow_closing(tenant_id=event.organization_id)
