"""What follows for a marketplace's keys from what happens to its people."""

from __future__ import annotations

from tenant_apps.api.services import revoke_keys_made_until
from tenant_apps.members.events import OwnerProved


def end_founders_keys(event: OwnerProved) -> None:
    """Make the keys worthless that were made before the owner had proved who they are: a session ends, a copied key does not.

    Twice: the same keys; those made since are left alone.
    """
    revoke_keys_made_until(event.doubtful_until)
