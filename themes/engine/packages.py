"""The registry of theme packages on disk: what each inherits, and where its templates and stylesheets are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

from themes.engine.errors import PackageError, UnknownPackageError
from themes.engine.manifest import Manifest, read_manifest
from themes.engine.sections import OPEN_PARTIALS, OPEN_SECTIONS, SectionSchema, section_settings
from themes.engine.tokens import ThemeTokens, parse_tokens
from themes.packing.places import ID_PATTERN, has_place
from themes.packing.writing import digest_of, files_below

BUILT_IN_ROOT = Path(__file__).resolve().parent.parent / "packages"
BASE = "base"
_LONGEST_CHAIN = 8

OPEN_TEMPLATES = frozenset(
    {
        "pages/storefront.html",
        *(f"sections/{name}.html" for name in OPEN_SECTIONS),
        *(f"partials/{name}.html" for name in OPEN_PARTIALS),
    }
)
"""The only templates a package may bring. Pages about money and security take a theme's tokens and CSS, no markup."""


@dataclass(frozen=True)
class ThemePackage:
    """One package with everything it inherits: its own values first, then its parent's, in the end those of `base`."""

    manifest: Manifest
    folder: Path
    parent: ThemePackage | None

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def version(self) -> str:
        return self.manifest.version

    @property
    def name(self) -> str:
        """In the active language where the package has it, else the first that it has."""
        names = self.manifest.names
        language = (get_language() or "en").lower()
        return names.get(language) or names.get(language.partition("-")[0]) or next(iter(names.values()))

    def chain(self) -> Iterator[ThemePackage]:
        """This package, its parent, and so on up to `base`."""
        package: ThemePackage | None = self
        while package is not None:
            yield package
            package = package.parent

    @cached_property
    def tokens(self) -> Mapping[str, object]:
        """The package's defaults for the 14 inputs; what neither it nor a parent names is left to the platform."""
        inherited = self.parent.tokens if self.parent else {}
        return {**inherited, **self.manifest.tokens}

    @cached_property
    def locked_tokens(self) -> frozenset[str]:
        return frozenset(name for package in self.chain() for name in package.manifest.locked_tokens)

    @cached_property
    def storefront(self) -> tuple[str, ...]:
        """The sections of the home page, in order."""
        return next((package.manifest.storefront for package in self.chain() if package.manifest.storefront), ())

    @cached_property
    def sections(self) -> Mapping[str, SectionSchema]:
        """The schema of every section; a package that describes a section replaces its parent's description."""
        inherited = self.parent.sections if self.parent else {}
        return {**inherited, **self.manifest.sections}

    @cached_property
    def template_folders(self) -> tuple[Path, ...]:
        return tuple(package.folder / "templates" for package in self.chain())

    @cached_property
    def stylesheets(self) -> tuple[tuple[str, str], ...]:
        """Version and id of each of the chain that has a stylesheet, the most basic first, as pages link them."""
        styled = [package for package in self.chain() if (package.folder / "static" / "theme.css").is_file()]
        # `base` is sealed with no other package, so its files go by its own version.
        return tuple((package.digest if package.id == BASE else self.digest, package.id) for package in reversed(styled))

    @cached_property
    def brought(self) -> frozenset[str]:
        """The templates that the package itself had when it was read."""
        folder = self.folder / "templates"
        return frozenset(file.relative_to(folder).as_posix() for file in folder.rglob("*.html"))

    @cached_property
    def sealed(self) -> Mapping[str, Mapping[str, bytes]]:
        """The files of the package and of the parents that it stands on: all that a version of it is.

        Without `base`, which is a part of the platform and moves with that: pages and its templates fit each other.
        """
        return {package.id: files_below(package.folder) for package in self.chain() if package is self or package.id != BASE}

    @cached_property
    def digest(self) -> str:
        """A name for exactly this version: other files, or other parents', are another one."""
        return digest_of(self.sealed)

    def file(self, package_id: str, path: str) -> Path | None:
        """A static file of the chain, or None. `path` may come from anybody."""
        for package in self.chain():
            if package.id == package_id and has_place(f"static/{path}"):
                found = package.folder / "static" / path
                return found if found.is_file() else None
        return None

    @cached_property
    def body_class(self) -> str:
        """The class of `<body>`, one word for each package of the chain that may have a stylesheet."""
        return " ".join(f"theme-{package.id}" for package in self.chain() if package.id != BASE)

    def resolve_tokens(self, values: Mapping[str, object]) -> ThemeTokens:
        """A tenant's theme: the package's defaults, then the tenant's values, except where the package locks them.

        Raises TokenError for values that no theme may have.
        """
        open_values = {name: value for name, value in values.items() if name not in self.locked_tokens}
        return parse_tokens({**self.tokens, **open_values})

    def section_settings(self, section: str, stored: Mapping[str, object]) -> dict[str, object]:
        """The `settings` that the template of a section reads: an owner's values over the package's defaults.

        Raises SectionSettingsError for values that the schema does not allow.
        """
        return section_settings(self.sections.get(section, SectionSchema(section)), stored)


def get_package(package_id: str) -> ThemePackage:
    """The installed package of that id. Raises UnknownPackageError, or PackageError if its files break the contract."""
    if not re.fullmatch(ID_PATTERN, package_id, re.ASCII):
        message = f"{package_id!r} is not the id of a theme package"
        raise UnknownPackageError(message)
    return _load(_roots(), package_id)


def load_package_at(folder: Path) -> ThemePackage:
    """The package in any folder, which carries its id as its name; its parents are those beside it, or installed ones.

    Read anew each time. Raises PackageError.
    """
    return _read((folder.parent, *_roots()), folder.name, ())


def usable_packages() -> tuple[ThemePackage, ...]:
    """Every package on disk that keeps the contract, by id; start-up checks report the others."""
    usable: list[ThemePackage] = []
    for package_id in installed_ids():
        with suppress(PackageError):
            usable.append(get_package(package_id))
    return tuple(usable)


def installed_ids() -> tuple[str, ...]:
    folders = (folder for root in _roots() if root.is_dir() for folder in root.iterdir() if folder.is_dir())
    return tuple(sorted({folder.name for folder in folders if re.fullmatch(ID_PATTERN, folder.name, re.ASCII)}))


def built_in_ids() -> frozenset[str]:
    """The ids that belong to the platform: nobody installs another package under one of them."""
    return frozenset(installed_ids())


def forget_packages() -> None:
    """Read the packages anew: for tests, and for a console that installs one."""
    _load.cache_clear()


def _roots() -> tuple[Path, ...]:
    """Our own packages first, so that an operator's folder cannot quietly replace one of them."""
    extra = getattr(settings, "THEME_PACKAGE_DIRS", ())
    return (BUILT_IN_ROOT, *(Path(folder) for folder in extra))


def load_version(folder: Path, package_id: str) -> ThemePackage:
    """The package of an unpacked version: its parents are those that were sealed with it, and today's `base`.

    Kept until `forget_packages`. Raises PackageError, UnknownPackageError.
    """
    return _load((folder, BUILT_IN_ROOT), package_id)


@lru_cache(maxsize=256)
def _load(roots: tuple[Path, ...], package_id: str, children: tuple[str, ...] = ()) -> ThemePackage:
    return _read(roots, package_id, children)


def _read(roots: tuple[Path, ...], package_id: str, children: tuple[str, ...]) -> ThemePackage:
    folder = next((root / package_id for root in roots if (root / package_id).is_dir()), None)
    if folder is None:
        message = f"no theme package {package_id!r} is installed"
        raise UnknownPackageError(message)
    manifest = read_manifest(folder, _shown_path(folder, "theme.toml"))
    package = ThemePackage(manifest, folder, _parent(roots, manifest, folder, (*children, package_id)))
    _check_templates(package)
    return package


def _parent(roots: tuple[Path, ...], manifest: Manifest, folder: Path, children: tuple[str, ...]) -> ThemePackage | None:
    if manifest.extends is None:
        return None
    file = _shown_path(folder, "theme.toml")
    if manifest.extends in children or len(children) >= _LONGEST_CHAIN:
        circle = " → ".join((*children, manifest.extends))
        raise PackageError(file, "[theme] extends", f"packages must lead to {BASE!r}, but these go in a circle: {circle}")
    try:
        return _load(roots, manifest.extends, children)
    except UnknownPackageError:
        raise PackageError(
            file, "[theme] extends", f"package {manifest.extends!r} is not installed; install it first"
        ) from None


def _check_templates(package: ThemePackage) -> None:
    """Only open templates are brought, and every section that is promised or placed on a page can be drawn."""
    folder = package.folder / "templates"
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and name not in OPEN_TEMPLATES:
            cure = f"is not open to theme packages; the open templates are {', '.join(sorted(OPEN_TEMPLATES))}"
            raise PackageError(_shown_path(package.folder, f"templates/{name}"), "(file)", cure)
    for section in package.storefront:
        template = f"sections/{section}.html"
        if not any((templates / template).is_file() for templates in package.template_folders):
            cure = f"section {section!r} has no templates/{template} in the package or its parents; add one or leave it out"
            raise PackageError(_shown_path(package.folder, "theme.toml"), "[pages.storefront] sections", cure)


def _shown_path(folder: Path, file: str) -> str:
    """How complaints name a file: the same on every machine."""
    return f"themes/packages/{folder.name}/{file}"
