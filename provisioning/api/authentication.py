"""Lets operators' keys in, and nobody else's."""

from __future__ import annotations

from kernel.actor import Actor
from shared_apps.operators.selectors import actor_of_key
from shared_apps.operators.services import use_operator_key
from shared_apps.rest.authentication import KeyAuthentication
from shared_apps.rest.models import ApiKeyFields


class OperatorKeyAuthentication(KeyAuthentication):
    """A key dies with its operator's office."""

    def principal_of(self, text: str) -> tuple[Actor, ApiKeyFields] | None:
        """The operator and the key."""
        key = use_operator_key(text)
        return None if key is None else (actor_of_key(key), key)
