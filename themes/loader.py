"""A template loader that looks in the theme package of the request first, and never mixes two packages in its cache.

Django's own cached loader remembers templates by name alone: wrapped around a loader that depends on the tenant, it serves
the first tenant's page to everybody. So the cache is here, keyed by the package, and this loader wraps the others:

    "loaders": [("themes.loader.PackageLoader", ["django.template.loaders.app_directories.Loader"])]
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.template import Origin
from django.template.engine import Engine
from django.template.loaders.cached import Loader as CachedLoader
from django.template.loaders.filesystem import Loader as FileLoader
from django.utils.module_loading import import_string

from themes.engine.errors import PackageError, UnknownPackageError
from themes.engine.packages import BASE, OPEN_TEMPLATES, ThemePackage, forget_packages, get_package, usable_packages

logger = logging.getLogger(__name__)

type LoaderSpec = str | tuple[str, Sequence[LoaderSpec]]


_chosen_package: ContextVar[str | None] = ContextVar("themes_chosen_package", default=None)


@contextmanager
def use_package(package_id: str) -> Iterator[None]:
    """Inside the block, templates come from this package whatever the tenant uses: for previews of another look."""
    token = _chosen_package.set(package_id)
    try:
        yield
    finally:
        _chosen_package.reset(token)


def package_of_request() -> ThemePackage | None:
    """The theme package of the tenant that is being served, or None on the platform's own pages.

    `settings.THEME_PACKAGE_FOR_REQUEST` names the callable that knows its id. A package that is gone or broken costs a
    tenant its look, not its pages: they fall back to `base`, and the log says so once.
    """
    current_id: Callable[[], str | None] = import_string(settings.THEME_PACKAGE_FOR_REQUEST)
    package_id = _chosen_package.get() or current_id()
    if not package_id:
        return None
    try:
        return get_package(package_id)
    except (PackageError, UnknownPackageError) as error:
        _report_unusable(package_id, str(error))
        return get_package(BASE)


@lru_cache(maxsize=256)
def _report_unusable(package_id: str, reason: str) -> None:
    """Cached, so that each reason is logged once and not for every template of every page."""
    logger.error("theme package %r cannot be used, serving %r instead: %s", package_id, BASE, reason)


class PackageLoader(CachedLoader):
    """Package, then its parents, then the wrapped loaders; everything cached for each package apart."""

    def __init__(self, engine: Engine, loaders: Sequence[LoaderSpec]) -> None:
        super().__init__(engine, loaders)
        self._files = FileLoader(engine)

    def get_template_sources(self, template_name: str) -> Iterator[Origin]:
        package = package_of_request()
        # Names outside the open list never reach the disk, so a package cannot shadow checkout, sign-in or a layout.
        if package is not None and template_name in OPEN_TEMPLATES:
            for folder in package.template_folders:
                yield Origin(name=str(folder / template_name), template_name=template_name, loader=self._files)
        yield from super().get_template_sources(template_name)

    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        package = package_of_request()
        owner = f"{package.id}@{package.version}" if package else "platform"
        return f"{owner}:{super().cache_key(template_name, skip)}"

    def get_dirs(self) -> Iterator[str | Path]:
        """For the development server's watcher."""
        yield from super().get_dirs()
        for package in usable_packages():
            yield package.folder / "templates"

    def reset(self) -> None:
        super().reset()
        forget_packages()
