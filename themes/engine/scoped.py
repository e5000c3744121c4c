"""A theme for a part of a page: several organizations' looks side by side, each within its own element."""

from __future__ import annotations

from themes.engine.stylesheet import CompiledTheme, FontUrl, default_font_url, font_faces

_COLOR_SCHEMES = {"light": "light", "dark": "dark", "auto": "light dark"}


def scoped_css(theme: CompiledTheme, selector: str, *, font_url: FontUrl = default_font_url) -> str:
    """`theme`'s custom properties on `selector` instead of the root, with the fonts they name.

    The element still has to paint itself (`color`, `background`, `font-family`): those were resolved further up already.
    """
    scheme = _COLOR_SCHEMES[theme.tokens.scheme]
    declarations = "".join(f"{name}:{value};" for name, value in theme.properties.items())
    rule = f"@layer tokens{{{selector}{{color-scheme:{scheme};{declarations}}}}}"
    return "".join((*font_faces(theme.tokens, font_url), rule))
