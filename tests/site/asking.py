"""Filling in the sign-up form."""

from __future__ import annotations

import re

from provisioning.models import Run
from tenants.scope import platform_scope

KEY = "a-visit-of-the-form-1234"


def answers(**changes: str) -> dict[str, str]:
    """What somebody sends who does everything right."""
    return {
        "email": "ada@lindenhof.example",
        "name": "Lindenhof Studio",
        "slug": "lindenhof",
        "kind": "home_services",
        "brand": "#0f9d8a",
        "plan": "studio",
        "key": KEY,
    } | changes


def runs() -> list[Run]:
    with platform_scope(reason="test"):
        return list(Run.objects.order_by("id"))


def key_in(page: str) -> str:
    return re.search(r'name="key" value="([^"]+)"', page)[1]
