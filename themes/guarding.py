"""Lets a template of a package that fails give way to its parent's: a broken theme costs a part of the look, no page."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

from django.db import Error as DatabaseError
from django.template import Context, Origin, Template, TemplateDoesNotExist
from django.template.engine import Engine
from django.template.loaders.base import Loader
from django.utils.safestring import SafeString

from tenants.errors import TenancyError
from themes.engine.packages import BASE, ThemePackage
from themes.troubles import note_trouble

# What no other template would do better, and nobody may overlook: the wall between tenants, and a database that is gone.
_NOT_THE_TEMPLATES: Final = (TenancyError, DatabaseError)

_in_progress: ContextVar[tuple[str, ...]] = ContextVar("themes_in_progress", default=())
_given_up: ContextVar[tuple[Origin, ...]] = ContextVar("themes_given_up", default=())


class PackageOrigin(Origin):
    """A template's file, and the package of the chain that brings it."""

    def __init__(self, *, package: ThemePackage, worn: ThemePackage, template_name: str, loader: Loader) -> None:
        super().__init__(name=str(package.folder / "templates" / template_name), template_name=template_name, loader=loader)
        self.package = package
        self.worn = worn

    @property
    def is_guarded(self) -> bool:
        """Whether another template may stand in: `base` is the last resort."""
        return self.package.id != BASE

    def note(self, error: BaseException, *, is_told: bool = False) -> None:
        """Under the version that the tenant wears, which is the one that somebody can change."""
        note_trouble(
            package_id=self.worn.id, version=self.worn.version, digest=self.worn.digest,
            template=str(self.template_name), error=error, is_told=is_told,
        )  # fmt: skip


class TemplateLoopError(RuntimeError):
    """A template includes itself, directly or by way of others; it would never end."""

    def __init__(self, origin: Origin) -> None:
        self.origin_name = origin.name
        super().__init__(f"{Path(origin.name).name} includes itself")


class GuardedTemplate(Template):
    """A template of a package. Everything it prints is thrown away when it fails, and its parent's is printed instead."""

    origin: PackageOrigin
    engine: Engine

    def _render(self, context: Context) -> SafeString:
        if self.origin in _given_up.get():
            return self._stand_in(context)
        if self.origin.name in _in_progress.get():
            raise TemplateLoopError(self.origin)
        token = _in_progress.set((*_in_progress.get(), self.origin.name))
        try:
            return super()._render(context)  # type: ignore[misc,no-any-return]  # Django's own, which the stubs leave out
        except Exception as error:
            # Whatever a designer's template trips over.
            if not self._gives_way_to(error):
                raise
            self.origin.note(error, is_told=isinstance(error, (TemplateLoopError, TemplateDoesNotExist)))
        finally:
            _in_progress.reset(token)
        return self._stand_in(context)

    def _gives_way_to(self, error: Exception) -> bool:
        """Whether another template would do better. Of a circle of includes, the one that it began with gives way."""
        if isinstance(error, _NOT_THE_TEMPLATES):
            return False
        return not isinstance(error, TemplateLoopError) or error.origin_name == self.origin.name

    def _stand_in(self, context: Context) -> SafeString:
        """The next template of that name in the chain; nothing where there is none, as for a section that only it knows."""
        given_up = (*_given_up.get(), self.origin)
        token = _given_up.set(given_up)
        try:
            template, _origin = self.engine.find_template(str(self.origin.template_name), skip=list(given_up))
        except TemplateDoesNotExist:
            return SafeString("")
        else:
            return template.render(context)
        finally:
            _given_up.reset(token)


class GuardingLoader(Loader):
    """What Django's own loader does, with files of a package that cannot be read or compiled passed over and told."""

    def get_template(self, template_name: str, skip: Sequence[Origin] | None = None) -> Template:
        """Raises TemplateDoesNotExist."""
        tried: list[tuple[Origin, str]] = []
        for origin in self.get_template_sources(template_name):
            if skip is not None and origin in skip:
                tried.append((origin, "Skipped to avoid recursion"))
                continue
            try:
                return self._compiled(origin)
            except TemplateDoesNotExist:
                tried.append((origin, "Source does not exist"))
        raise TemplateDoesNotExist(template_name, tried=tried)

    def _compiled(self, origin: Origin) -> Template:
        if not (isinstance(origin, PackageOrigin) and origin.is_guarded):
            return Template(self._contents(origin), origin, str(origin.template_name), self.engine)
        try:
            return GuardedTemplate(self._contents(origin), origin, str(origin.template_name), self.engine)
        except TemplateDoesNotExist as error:
            if origin.template_name in origin.package.brought:
                # It was there when the package was read.
                origin.note(error, is_told=True)
            raise
        except Exception as error:
            origin.note(error, is_told=True)
            raise TemplateDoesNotExist(str(origin.template_name)) from error

    def _contents(self, origin: Origin) -> Any:  # Any: text, by Django's untyped loaders
        return self.get_contents(origin)  # type: ignore[attr-defined]  # each loader has one
