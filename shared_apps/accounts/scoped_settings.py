"""allauth's settings that depend on the scope; the others come from Django's settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from tenants.scope import require_scope


def get(name: str, default: Any) -> Any:  # Any: allauth's own signature (ALLAUTH_SETTING_GETTER)
    """The value of an allauth setting. Its signature salt names the scope: plain allauth signs a bare primary key (T6)."""
    if name == "ACCOUNT_SALT":
        return f"account:{require_scope().key}"
    return getattr(settings, name, default)
