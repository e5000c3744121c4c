"""Remembers for a day what of a theme package failed on a page, for the operator's console and the owner's notice.

Kept in the shared cache, not in a table: pages that are read must not write to the database.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.core.cache import cache

from kernel import clock
from tenants.scope import platform_scope

logger = logging.getLogger(__name__)

_KEY: Final = "theme-troubles"
_KEPT_SECONDS: Final = 24 * 60 * 60
_MOST: Final = 100
# A broken template is asked for by every visitor: each process says the same only so often.
_AGAIN_AFTER_SECONDS: Final = 600
_said: dict[tuple[str, str, str], float] = {}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What failed: `template` (empty: the package as a whole) of a version of a package, and why, for an operator's eyes."""

    package_id: str
    version: str
    digest: str
    template: str
    reason: str
    at: datetime


def note_trouble(
    *, package_id: str, version: str, digest: str, template: str, error: BaseException, is_told: bool = False
) -> None:
    """Log it with its traceback, and keep it for a day; never fails, since a page is being drawn.

    `is_told` says that the error's own words are about the package's files. Others may hold what a customer typed.
    """
    reason = f"{type(error).__name__}: {error}" if is_told else type(error).__name__
    said = (digest, template, reason)
    if _said.get(said, 0) > time.monotonic():
        return
    if len(_said) >= _MOST:
        _said.clear()
    _said[said] = time.monotonic() + _AGAIN_AFTER_SECONDS
    logger.error(
        "theme package %s %s: %s failed, its parent's stands in: %s", package_id, version, template or "all of it", reason,
        exc_info=error,
    )  # fmt: skip
    trouble = Trouble(package_id, version, digest, template, reason[:300], clock.now())
    try:
        with platform_scope(reason="note theme trouble"):
            kept = {**(cache.get(_KEY) or {}), f"{digest}:{template}": asdict(trouble)}
            cache.set(_KEY, dict(list(kept.items())[-_MOST:]), _KEPT_SECONDS)
    except Exception:
        # Without the shared cache, the log above is what there is.
        logger.exception("a trouble of a theme package could not be kept")


def troubles() -> Sequence[Trouble]:
    """What failed within a day, the latest first."""
    with platform_scope(reason="read theme troubles"):
        kept = cache.get(_KEY) or {}
    return sorted((Trouble(**row) for row in kept.values()), key=lambda trouble: trouble.at, reverse=True)


def troubles_of(digest: str) -> Sequence[Trouble]:
    """Those of one version, the latest first."""
    return [trouble for trouble in troubles() if trouble.digest == digest]


def forget_troubles() -> None:
    """For tests, and when a package was removed."""
    _said.clear()
    with platform_scope(reason="forget theme troubles"):
        cache.delete(_KEY)
