"""When a profile may be shown, and how its tags are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tenant_apps.providers.types import ProviderStatus

MAX_TAGS: Final = 8
MAX_TAG_LENGTH: Final = 40
# Who was banned comes back by a manager's decision, not by publishing again.
PUBLISHABLE: Final = (ProviderStatus.DRAFT, ProviderStatus.PAUSED)
PAUSABLE: Final = (ProviderStatus.LIVE,)


def missing_for_publication(*, display_name: str, headline: str) -> str | None:
    """The first field that visitors need and that is empty."""
    for field, value in (("display_name", display_name), ("headline", headline)):
        if not value.strip():
            return field
    return None


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Trimmed, without empty ones and without repeats (whatever their case), in the order given."""
    kept: dict[str, str] = {}
    for tag in tags:
        text = " ".join(tag.split())
        if text:
            kept.setdefault(text.casefold(), text)
    return list(kept.values())
