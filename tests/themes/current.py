"""The current tenant's theme package in tests: what `settings.THEME_PACKAGE_FOR_REQUEST` names there."""

from __future__ import annotations

from contextvars import ContextVar

package: ContextVar[str | None] = ContextVar("package_in_tests", default=None)


def current_package() -> str | None:
    return package.get()
