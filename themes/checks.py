"""Start-up checks: the packages keep their contract, and the settings cannot mix two tenants' templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.utils.module_loading import import_string

from themes.engine.errors import PackageError
from themes.engine.packages import get_package, installed_ids

_LOADER = "themes.loader.PackageLoader"
_DJANGO_CACHED = "django.template.loaders.cached.Loader"


@register
def check_packages(app_configs: Sequence[AppConfig] | None, **_kwargs: object) -> Iterable[CheckMessage]:
    del app_configs
    return [Error(str(problem), id="themes.E001") for problem in _broken_packages()]


def _broken_packages() -> Iterator[PackageError]:
    for package_id in installed_ids():
        try:
            get_package(package_id)
        except PackageError as error:
            yield error


@register(Tags.templates)
def check_loaders(app_configs: Sequence[AppConfig] | None, **_kwargs: object) -> Iterable[CheckMessage]:
    del app_configs
    messages: list[CheckMessage] = []
    for backend in engines.all():
        loaders = backend.engine.loaders if isinstance(backend, DjangoTemplates) else []
        messages += [_wrapped_error() for loader in loaders if _is_wrapped_by_django(loader)]
        messages += [_order_error() for loader in loaders[1:] if _name(loader) == _LOADER]
    return messages


def _is_wrapped_by_django(loader: object) -> bool:
    if not isinstance(loader, (tuple, list)) or _name(loader) != _DJANGO_CACHED:
        return False
    return any(_name(inner) == _LOADER for inner in loader[1])


def _name(loader: object) -> object:
    return loader[0] if isinstance(loader, (tuple, list)) else loader


def _wrapped_error() -> Error:
    return Error(
        f"{_LOADER} is wrapped in Django's cached loader, which remembers templates by name alone: tenants would be "
        "served each other's templates.",
        hint=f"List {_LOADER} itself, with the other loaders inside it; it caches for each package apart.",
        id="themes.E002",
    )


def _order_error() -> Error:
    return Error(
        f"A template loader stands before {_LOADER}, so theme packages cannot override its templates.",
        hint=f"Make {_LOADER} the only entry of 'loaders', and put the others inside it.",
        id="themes.E003",
    )


@register
def check_settings(app_configs: Sequence[AppConfig] | None, **_kwargs: object) -> Iterable[CheckMessage]:
    del app_configs
    messages: list[CheckMessage] = []
    try:
        import_string(settings.THEME_PACKAGE_FOR_REQUEST)
    except (AttributeError, ImportError) as error:
        hint = "Name a callable that returns a reference to the current tenant's theme package, or None on the platform."
        messages.append(Error(f"THEME_PACKAGE_FOR_REQUEST cannot be used: {error}", hint=hint, id="themes.E004"))
    return messages
