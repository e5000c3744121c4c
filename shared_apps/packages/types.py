"""Words of this app that others may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

VIEW: Final = "themes.view"
MANAGE: Final = "themes.manage"


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a package as the console shows it. `wearers` counts organizations; `is_brought`: this code's own."""

    digest: str
    package_id: str
    version: str
    name: str
    description: str
    size_bytes: int
    findings: Sequence[dict[str, str | int]]
    installed_by: str
    installed_at: datetime
    wearers: int
    is_brought: bool

    @property
    def is_removable(self) -> bool:
        return not self.wearers and not self.is_brought


@dataclass(frozen=True, slots=True)
class Wearer:
    """An organization that wears a version."""

    public_id: str
    slug: str
    name: str
