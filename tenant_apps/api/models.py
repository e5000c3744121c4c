"""The keys of one marketplace, in its own schema."""

from __future__ import annotations

from shared_apps.rest.models import ApiKeyFields


class ApiKey(ApiKeyFields):
    """A program of the organization: acts for it, as far as the key's scopes reach."""
