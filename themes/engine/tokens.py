"""The contract of a theme: 14 inputs, validated strictly, because their text lands in a stylesheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from themes.engine.color import Hex, normalize_hex
from themes.engine.errors import TokenError
from themes.engine.fonts import FONTS, TEXT_FONTS

type Scheme = Literal["light", "dark", "auto"]
type ContrastLevel = Literal["AA", "AAA"]
type TypeScale = Literal["compact", "regular", "expressive"]
type ButtonShape = Literal["match", "pill", "square"]
type Density = Literal["compact", "cozy", "airy"]
type HeaderStyle = Literal["plain", "brand", "ink"]
type Motif = Literal["none", "bubbles", "tiles", "contours", "waves", "dots", "rays"]

MOTIFS: tuple[Motif, ...] = ("none", "bubbles", "tiles", "contours", "waves", "dots", "rays")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeTokens:
    """One theme, as its owner chose it. Make it with `parse_tokens`; `accent=None` derives the accent from the brand."""

    brand: Hex = "#4f46e5"
    accent: Hex | None = None
    scheme: Scheme = "light"
    tint: int = 40
    contrast: ContrastLevel = "AA"
    font_heading: str = "bricolage"
    font_body: str = "figtree"
    type_scale: TypeScale = "regular"
    radius: int = 12
    buttons: ButtonShape = "match"
    density: Density = "cozy"
    elevation: int = 2
    motif: Motif = "waves"
    header: HeaderStyle = "plain"

    def as_mapping(self) -> dict[str, str | int | None]:
        """All 14 values, as they are stored and exported."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ColorSpec:
    """A colour. An optional one may also be empty."""

    label: Promise
    group: str
    is_optional: bool = False

    def parse(self, value: object) -> Hex | None:
        if self.is_optional and value in ("", None):
            return None
        try:
            return normalize_hex(value if isinstance(value, str) else "")
        except ValueError:
            raise ValueError(_("Give a colour such as #0f9d8a.")) from None


@dataclass(frozen=True, slots=True)
class RangeSpec:
    """A whole number between two bounds, both included."""

    label: Promise
    group: str
    minimum: int
    maximum: int

    def parse(self, value: object) -> int:
        # True and False are whole numbers to Python, not to the owner of a theme.
        if isinstance(value, bool) or not isinstance(value, int) or not self.minimum <= value <= self.maximum:
            bounds = {"minimum": self.minimum, "maximum": self.maximum}
            raise ValueError(_("Give a whole number from %(minimum)d to %(maximum)d.") % bounds)
        return int(value)


@dataclass(frozen=True, slots=True)
class ChoiceSpec:
    """One word of a closed list."""

    label: Promise
    group: str
    choices: tuple[str, ...]

    def parse(self, value: object) -> str:
        # The word of our own list is handed on, never the object that came in.
        for choice in self.choices:
            if isinstance(value, str) and value == choice:
                return choice
        raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(self.choices)})


type TokenSpec = ColorSpec | RangeSpec | ChoiceSpec

TOKEN_SPECS: Mapping[str, TokenSpec] = {
    "brand": ColorSpec(gettext_lazy("Brand colour"), "brand"),
    "accent": ColorSpec(gettext_lazy("Accent colour"), "brand", is_optional=True),
    "scheme": ChoiceSpec(gettext_lazy("Appearance"), "brand", ("light", "dark", "auto")),
    "tint": RangeSpec(gettext_lazy("Warmth of greys"), "brand", 0, 100),
    "contrast": ChoiceSpec(gettext_lazy("Contrast"), "brand", ("AA", "AAA")),
    "font_heading": ChoiceSpec(gettext_lazy("Heading font"), "type", tuple(FONTS)),
    "font_body": ChoiceSpec(gettext_lazy("Body font"), "type", TEXT_FONTS),
    "type_scale": ChoiceSpec(gettext_lazy("Type scale"), "type", ("compact", "regular", "expressive")),
    "radius": RangeSpec(gettext_lazy("Corner radius"), "shape", 0, 24),
    "buttons": ChoiceSpec(gettext_lazy("Button shape"), "shape", ("match", "pill", "square")),
    "density": ChoiceSpec(gettext_lazy("Density"), "shape", ("compact", "cozy", "airy")),
    "elevation": RangeSpec(gettext_lazy("Elevation"), "shape", 0, 3),
    "motif": ChoiceSpec(gettext_lazy("Artwork"), "imagery", MOTIFS),
    "header": ChoiceSpec(gettext_lazy("Header style"), "imagery", ("plain", "brand", "ink")),
}


def parse_tokens(values: Mapping[str, object]) -> ThemeTokens:
    """The typed theme of some stored or typed-in values; what is missing takes its default.

    Raises TokenError, which names every unknown, mistyped or out-of-range token.
    """
    # Any: each spec returns the type of its own field, which the table above pairs by name.
    parsed: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, value in values.items():
        try:
            parsed[name] = _spec_of(name).parse(value)
        except ValueError as error:
            problems[str(name)] = str(error)
    if problems:
        raise TokenError(problems)
    return ThemeTokens(**parsed)


def _spec_of(name: str) -> TokenSpec:
    spec = TOKEN_SPECS.get(name)
    if spec is None:
        raise ValueError(_("There is no such token. The tokens are: %(names)s.") % {"names": ", ".join(TOKEN_SPECS)})
    return spec
