"""Random themes and hostile values; THEME_FUZZ_SCALE multiplies the sample sizes for a longer run."""

from __future__ import annotations

import os
import random
from typing import Any

from themes.engine.tokens import TOKEN_SPECS, ChoiceSpec, ColorSpec, RangeSpec

SCALE = float(os.environ.get("THEME_FUZZ_SCALE", "1"))


def scaled(size: int) -> int:
    return max(1, int(size * SCALE))


def random_color(chance: random.Random) -> str:
    """Any of the 16.7 million colours, with the corners and greys more often than their share."""
    kind = chance.random()
    if kind < 0.1:
        return "#" + "".join(chance.choice(("00", "33", "80", "cc", "ff")) for _ in range(3))
    if kind < 0.15:
        return "#" + f"{chance.randrange(256):02x}" * 3
    return f"#{chance.randrange(1 << 24):06x}"


def random_values(chance: random.Random) -> dict[str, Any]:
    """A valid theme, every token at random."""
    values: dict[str, Any] = {}
    for name, spec in TOKEN_SPECS.items():
        match spec:
            case ColorSpec(is_optional=True) if chance.random() < 0.4:
                values[name] = chance.choice(("", None))
            case ColorSpec():
                values[name] = random_color(chance)
            case RangeSpec():
                values[name] = chance.randint(spec.minimum, spec.maximum)
            case ChoiceSpec():
                values[name] = chance.choice(spec.choices)
    return values


_FRAGMENTS = (
    *(
        "}",
        "{",
        ";",
        "/*",
        "*/",
        "</style>",
        "url(//x)",
        "@import 'x';",
        "expression(1)",
        "\\",
        "\x00",
        "\n",
        "\u2028",
        "'",
        '"',
        "<!--",
    ),
    *(
        "var(--c-bg)",
        "red",
        "#fff",
        "#ffffff00",
        "#0f9d8a",
        "#GGGGGG",
        "inherit",
        "light",
        "dark;",
        "12px",
        "0",
        "-1",
        "24",
        "25",
        "1e3",
    ),
    *(
        "figtree",
        "Figtree",
        'figtree"',
        "__proto__",
        "brand",
        "..",
        "A" * 500,
        "é",
        "١٢",
        "🦄",
        " ",
        "",
        "AAA",
        "none",
        "\u202e",
    ),
)
_ODDITIES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 3, 25, 101, 10**30, 1.0, 12.5, float("inf"), float("nan"), b"#ffffff"),
    *([], ["#ffffff"], {}, {"brand": 1}, (), object),
)


def hostile_value(chance: random.Random) -> Any:
    kind = chance.random()
    if kind < 0.3:
        return chance.choice(_ODDITIES)
    if kind < 0.6:
        return "".join(chance.choice(_FRAGMENTS) for _ in range(chance.randint(1, 4)))
    if kind < 0.8:
        return f"#{chance.randrange(1 << 24):06x}" + chance.choice(_FRAGMENTS)
    return "".join(
        chr(chance.choice((chance.randrange(128), chance.randrange(0x250), chance.randrange(0xD800)))) for _ in range(7)
    )


def hostile_values(chance: random.Random) -> dict[str, Any]:
    """A valid theme in which one token, or an extra key, was tampered with."""
    values = random_values(chance)
    key = chance.choice((*TOKEN_SPECS, *TOKEN_SPECS, chance.choice(_FRAGMENTS)))
    values[key] = hostile_value(chance)
    return values
