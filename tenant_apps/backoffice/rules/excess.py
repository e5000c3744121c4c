"""What is used beyond what another plan allows; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from shared_apps.plans.types import STORAGE_MEGABYTES, Value

_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Used:
    """How much of something there is. `what` is its name for people, `url` where it can be made less."""

    code: str
    what: str
    used: int
    url: str


@dataclass(frozen=True, slots=True)
class Excess:
    """Something of which there is more than fits; `over` is how much has to go. Storage is in bytes."""

    what: str
    used: int
    limit: int
    url: str
    is_bytes: bool

    @property
    def over(self) -> int:
        return self.used - self.limit


def excesses(uses: Iterable[Used], given: Mapping[str, Value]) -> list[Excess]:
    """Those of `uses` that do not fit into what is `given`, in their order."""
    found = []
    for use in uses:
        limit, is_bytes = given.get(use.code, 0), use.code == STORAGE_MEGABYTES.code
        if limit is None:
            continue
        most = int(limit) * (_MEGABYTE if is_bytes else 1)
        if use.used > most:
            found.append(Excess(use.what, use.used, most, use.url, is_bytes))
    return found
