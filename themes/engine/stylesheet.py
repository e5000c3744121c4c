"""Compiles a theme to the text of its one stylesheet, which is named by its own hash and never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from themes.engine.audit import Audit, audit_palettes
from themes.engine.color import Hex
from themes.engine.derive import Palette, derive_palette
from themes.engine.explain import explain_adjustments
from themes.engine.fonts import FallbackMetrics, Font, chosen_fonts, font_files
from themes.engine.shape import derive_shape
from themes.engine.tokens import Scheme, ThemeTokens

type FontUrl = Callable[[str], str]
"""The address of a font file, such as `figtree.woff2`."""

# Packages come last on purpose: with utilities last, a package could not override a utility class.
LAYER_ORDER = "@layer reset,tokens,base,layout,components,sections,pages,utilities,theme;"

_COLOR_SCHEMES: Mapping[Scheme, str] = {"light": "light", "dark": "dark", "auto": "light dark"}
_HASH_LENGTH = 12
# `light-dark()` is resolved where it is used, so a subtree only has to name its scheme and repaint itself to flip.
_SUBTREES = (
    "[data-scheme=light]{color-scheme:light}"
    "[data-scheme=dark]{color-scheme:dark}"
    "[data-scheme=auto]{color-scheme:light dark}"
    "[data-scheme]{color:var(--c-ink);background-color:var(--c-bg)}"
)


@dataclass(frozen=True)
class CompiledTheme:
    """One theme, ready to publish: its stylesheet, the values in it, and the proof that it can be read."""

    tokens: ThemeTokens
    css: str
    hash: str
    properties: Mapping[str, str]
    light: Palette
    dark: Palette

    @property
    def file_name(self) -> str:
        return f"theme-{self.hash}.css"

    @property
    def shown_palette(self) -> Palette:
        """The palette for pictures, icons and `theme-color`: dark for dark themes, else light."""
        return self.dark if self.tokens.scheme == "dark" else self.light

    @cached_property
    def audit(self) -> Audit:
        return audit_palettes(self.light, self.dark, self.tokens.contrast)

    @property
    def explanation(self) -> str:
        """What was adjusted and why, in the language that is active now."""
        return explain_adjustments(self.tokens, self.shown_palette)


def default_font_url(file: str) -> str:
    # Not a hashed name: a stylesheet that never changes must not point at a file that a later release takes away.
    return f"{settings.STATIC_URL}webui/fonts/{file}"


def font_preload_urls(tokens: ThemeTokens, *, font_url: FontUrl = default_font_url) -> tuple[str, ...]:
    """What a page should preload: upright faces, under the addresses that the stylesheet uses."""
    return tuple(font_url(file) for file in font_files(tokens.font_heading, tokens.font_body))


def compile_theme(tokens: ThemeTokens, *, font_url: FontUrl = default_font_url) -> CompiledTheme:
    """The whole theme from its 14 inputs. Pure: the same inputs give the same text and the same hash, anywhere."""
    light = derive_palette(tokens, "light")
    dark = derive_palette(tokens, "dark")
    properties = {**_color_properties(light, dark), **_prefixed(derive_shape(tokens))}
    css = "".join((LAYER_ORDER, *font_faces(tokens, font_url), _token_layer(tokens.scheme, properties)))
    return CompiledTheme(
        tokens=tokens,
        css=css,
        hash=hashlib.sha256(css.encode()).hexdigest()[:_HASH_LENGTH],
        properties=properties,
        light=light,
        dark=dark,
    )


def _color_properties(light: Palette, dark: Palette) -> dict[str, str]:
    return {f"--c-{name}": _both(color, dark[name]) for name, color in light.items()}


def _both(light: Hex, dark: Hex) -> str:
    return light if light == dark else f"light-dark({light},{dark})"


def _prefixed(shape: Mapping[str, str]) -> dict[str, str]:
    return {f"--{name}": value for name, value in shape.items()}


def _token_layer(scheme: Scheme, properties: Mapping[str, str]) -> str:
    declarations = "".join(f"{name}:{value};" for name, value in properties.items())
    root = f":root{{color-scheme:{_COLOR_SCHEMES[scheme]};{declarations}}}"
    return f"@layer tokens{{{root}{_SUBTREES}}}"


def font_faces(tokens: ThemeTokens, font_url: FontUrl) -> Iterable[str]:
    for font in chosen_fonts(tokens.font_heading, tokens.font_body):
        if font.file is not None:
            yield _downloaded_face(font, font_url(font.file), "normal")
        if font.italic_file is not None:
            yield _downloaded_face(font, font_url(font.italic_file), "italic")
        if font.metrics is not None:
            yield _stand_in_face(font, font.metrics)


def _downloaded_face(font: Font, url: str, style: str) -> str:
    italic = "" if style == "normal" else f"font-style:{style};"
    return (
        f'@font-face{{font-family:"{font.family}";{italic}src:url("{url}") format("woff2");'
        f"font-weight:{font.weights};font-display:swap}}"
    )


def _stand_in_face(font: Font, metrics: FallbackMetrics) -> str:
    sources = ",".join(f'local("{name}")' for name in font.local_stand_ins)
    return (
        f'@font-face{{font-family:"{font.family} Fallback";src:{sources};size-adjust:{metrics.size_adjust}%;'
        f"ascent-override:{metrics.ascent}%;descent-override:{metrics.descent}%;line-gap-override:0%}}"
    )
