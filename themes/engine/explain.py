"""Says in plain language what the engine changed about a brand colour, and why: that turns a limit into trust."""

from __future__ import annotations

from django.utils.translation import gettext as _

from themes.engine.color import WHITE, contrast, hex_to_oklch
from themes.engine.derive import Palette
from themes.engine.tokens import ThemeTokens


def explain_adjustments(tokens: ThemeTokens, palette: Palette) -> str:
    """Two or three short sentences for the owner, about the scheme that visitors see first."""
    sentences = [_about_buttons(tokens, palette)]
    if palette["brand-ink"] not in (tokens.brand, palette["brand"]):
        sentences.append(_("Links use %(color)s.") % {"color": palette["brand-ink"].upper()})
    sentences.append(_("Logo and artwork keep your exact colour."))
    return " ".join(sentences)


def _about_buttons(tokens: ThemeTokens, palette: Palette) -> str:
    fill, text = palette["brand"], palette["on-brand"]
    facts = {"color": fill.upper(), "ratio": f"{contrast(fill, text):.1f}"}
    if fill == tokens.brand:
        if text == WHITE:
            return _("Buttons use your exact colour, with white text that reads at %(ratio)s:1.") % facts
        return _("Buttons use your exact colour, with dark text that reads at %(ratio)s:1.") % facts
    change = hex_to_oklch(fill).lightness - hex_to_oklch(tokens.brand).lightness
    facts["percent"] = str(max(1, round(abs(change) * 100)))
    if change < 0:
        return _("Buttons use %(color)s, %(percent)s%% darker, so that their text reads at %(ratio)s:1.") % facts
    return _("Buttons use %(color)s, %(percent)s%% lighter, so that their text reads at %(ratio)s:1.") % facts
