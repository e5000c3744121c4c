"""Lets a marketplace's own keys in; no other marketplace's, and no operator's."""

from __future__ import annotations

from kernel.actor import Actor
from shared_apps.rest.authentication import KeyAuthentication
from shared_apps.rest.models import ApiKeyFields
from tenant_apps.api.selectors import actor_of_key
from tenant_apps.api.services import use_key


class TenantKeyAuthentication(KeyAuthentication):
    """A key lives in the schema of its marketplace, hashed with the marketplace's own secret: elsewhere it is unknown."""

    def principal_of(self, text: str) -> tuple[Actor, ApiKeyFields] | None:
        """The actor and the key.

        Raises:
            NotInPlan: the organization's plan has no API.
        """
        key = use_key(text)
        return None if key is None else (actor_of_key(key), key)
