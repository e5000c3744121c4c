"""A template loader that looks in the theme package of the request first, and never mixes two packages in its cache.

Django's own cached loader remembers templates by name alone: wrapped around a loader that depends on the tenant, it serves
the first tenant's page to everybody. So the cache is here, keyed by the package, and this loader wraps the others:

    "loaders": [("themes.loader.PackageLoader", ["django.template.loaders.app_directories.Loader"])]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from django.conf import settings
from django.template import Origin
from django.template.engine import Engine
from django.template.loaders.cached import Loader as CachedLoader
from django.template.loaders.filesystem import Loader as FileLoader
from django.utils.module_loading import import_string

from themes.engine.errors import PackageError, UnknownPackageError
from themes.engine.packages import BASE, OPEN_TEMPLATES, ThemePackage, get_package, usable_packages
from themes.guarding import GuardingLoader, PackageOrigin
from themes.shelf import find_package, forget_versions
from themes.troubles import note_trouble

type LoaderSpec = str | tuple[str, Sequence[LoaderSpec]]


_chosen_package: ContextVar[str | None] = ContextVar("themes_chosen_package", default=None)


@contextmanager
def use_package(ref: str) -> Iterator[None]:
    """Inside the block, templates come from this package whatever the tenant uses: for previews of another look."""
    token = _chosen_package.set(ref)
    try:
        yield
    finally:
        _chosen_package.reset(token)


def package_of_request() -> ThemePackage | None:
    """The theme package of the tenant that is being served, or None on the platform's own pages.

    `settings.THEME_PACKAGE_FOR_REQUEST` names the callable that knows its reference.
    """
    current: Callable[[], str | None] = import_string(settings.THEME_PACKAGE_FOR_REQUEST)
    ref = _chosen_package.get() or current()
    return package_or_stand_in(ref) if ref else None


def package_or_stand_in(ref: str) -> ThemePackage:
    """The package that is worn; a version that is gone or broken costs a tenant its look, not its pages.

    What this code brings under the same id stands in, else `base`; log and console say so.
    """
    package_id, _, digest = ref.partition("@")
    try:
        return find_package(ref)
    except (PackageError, UnknownPackageError) as error:
        note_trouble(package_id=package_id, version="", digest=digest, template="", error=error, is_told=True)
    if digest:
        return package_or_stand_in(package_id)
    return get_package(BASE)


class PackageLoader(CachedLoader, GuardingLoader):
    """Package, then its parents, then the wrapped loaders; everything cached for each package apart."""

    def __init__(self, engine: Engine, loaders: Sequence[LoaderSpec]) -> None:
        super().__init__(engine, loaders)
        self._files = FileLoader(engine)

    def get_template_sources(self, template_name: str) -> Iterator[Origin]:
        package = package_of_request()
        # Names outside the open list never reach the disk, so a package cannot shadow checkout, sign-in or a layout.
        if package is not None and template_name in OPEN_TEMPLATES:
            for link in package.chain():
                yield PackageOrigin(package=link, worn=package, template_name=template_name, loader=self._files)
        yield from super().get_template_sources(template_name)

    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        package = package_of_request()
        owner = f"{package.id}@{package.digest}" if package else "platform"
        return f"{owner}:{super().cache_key(template_name, skip)}"

    def get_dirs(self) -> Iterator[str | Path]:
        """For the development server's watcher."""
        yield from super().get_dirs()
        for package in usable_packages():
            yield package.folder / "templates"

    def reset(self) -> None:
        super().reset()
        forget_versions()
