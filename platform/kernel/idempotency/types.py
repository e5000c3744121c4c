"""What is kept of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """An answer that can be given again: its status, its JSON body, and the headers that belong to it (`Location`)."""

    status: int
    body: Any  # Any: JSON
    headers: Mapping[str, str] = field(default_factory=dict)
