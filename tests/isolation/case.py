"""How one route of the matrix is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.isolation.credentials import CREDENTIALS


@dataclass(frozen=True)
class Case:
    """How to ask one route: values of its path's parameters, the query, and what a form or a JSON body carries."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    as_json: bool = False
    # Whether not even alpha's owner finds anything here: the value is a credential, or the page is only ever sent to.
    is_closed: bool = False
    # Whether it is known here, and in no state for what is asked: the next page says so.
    is_refused: bool = False

    def stolen(self) -> set[str]:
        """The credentials by which it is found."""
        values = (*self.path.values(), *self.query.values())
        return {value[1:] for value in values if value.startswith("@")} & CREDENTIALS
