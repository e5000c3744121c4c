"""What can be missing on the marketplace's own pages."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import NotFound


class PageNotFound(NotFound):
    """No such text."""

    code: ClassVar[str] = "page_not_found"
