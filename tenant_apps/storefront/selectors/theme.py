"""The tenant's look: one stylesheet from its tokens, named by its own hash, and what the layouts ask of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.core.files.storage import default_storage
from django.templatetags.static import static

from tenants.context import TenantContext
from themes.engine.errors import PackageError, TokenError, UnknownPackageError
from themes.engine.fonts import chosen_fonts
from themes.engine.packages import BASE, ThemePackage, get_package
from themes.engine.stylesheet import CompiledTheme, compile_theme, default_font_url
from themes.engine.tokens import ThemeTokens

_HASH: Final = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class ThemeLook:
    """What a page needs to wear the theme."""

    css_url: str
    package_css_url: str
    package_id: str
    color: str
    font_preloads: tuple[str, ...]


def look_of(tenant: TenantContext) -> ThemeLook:
    """The look that the tenant has now; no query, compiled once per process and theme."""
    package, theme = package_of(tenant), compiled_theme(tenant)
    sheets = package.stylesheets
    fonts = chosen_fonts(theme.tokens.font_heading, theme.tokens.font_body)
    return ThemeLook(
        css_url=f"/{theme.file_name}",
        package_css_url=static(sheets[-1]) if sheets else "",
        package_id="" if package.id == BASE else package.id,
        color=theme.shown_palette["bg"],
        font_preloads=tuple(default_font_url(font.file) for font in fonts if font.file),
    )


def stylesheet(tenant: TenantContext, theme_hash: str) -> str | None:
    """The text of the stylesheet of this hash: the present one, or one published before; None for any other."""
    theme = compiled_theme(tenant)
    if theme_hash == theme.hash:
        return theme.css
    if not _HASH.fullmatch(theme_hash):
        return None
    try:
        with default_storage.open(stored_stylesheet(theme_hash)) as file:
            return bytes(file.read()).decode()
    except FileNotFoundError:
        return None


def stored_stylesheet(theme_hash: str) -> str:
    """The name in the tenant's storage under which a stylesheet stays when a newer one is published."""
    return f"themes/theme-{theme_hash}.css"


def package_of(tenant: TenantContext) -> ThemePackage:
    """The tenant's theme package; the plain one where it is gone or broken: that costs the look, not the page."""
    try:
        return get_package(tenant.theme_package)
    except (PackageError, UnknownPackageError):
        return get_package(BASE)


def compiled_theme(tenant: TenantContext) -> CompiledTheme:
    """The tenant's tokens over its package's, compiled; the package's alone where the tenant's make no theme."""
    return _compiled(_tokens_of(tenant))


def _tokens_of(tenant: TenantContext) -> ThemeTokens:
    package = package_of(tenant)
    try:
        return package.resolve_tokens(tenant.theme_tokens)
    except TokenError:
        return package.resolve_tokens({})


@lru_cache(maxsize=512)
def _compiled(tokens: ThemeTokens) -> CompiledTheme:
    return compile_theme(tokens)
