"""Re-measures every pair of colours that a page may put together, in both schemes: the proof kept with a version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from django.utils.translation import gettext as _

from themes.engine.color import contrast, perceptual_contrast
from themes.engine.derive import (
    CHART_TARGET,
    PLANES,
    TARGETS,
    TINTED_PLANES,
    TONE_NAMES,
    Palette,
    Targets,
)
from themes.engine.errors import UnreadableThemeError
from themes.engine.recipes import SchemeName
from themes.engine.tokens import ContrastLevel

type PairKind = Literal["text", "control", "focus", "chart"]

_PAIRS: tuple[tuple[PairKind, str, tuple[str, ...]], ...] = (
    *(("text", ink, (*PLANES, *TINTED_PLANES)) for ink in ("ink", "ink-2", "ink-3")),
    ("text", "ink", ("brand-soft-2", "accent-soft-2")),
    *(("text", text, ("deep", "deep-2")) for text in ("on-deep", "on-deep-2", "deep-brand")),
    *(("text", f"on-{name}", (name, f"{name}-hover", f"{name}-press")) for name in TONE_NAMES),
    *(("text", f"{name}-ink", (*PLANES, "wash-1", "wash-2", f"{name}-soft", f"{name}-soft-2")) for name in TONE_NAMES),
    *(("control", edge, PLANES) for edge in ("ctl", "brand-edge", "accent-edge")),
    ("focus", "focus", (*PLANES, "brand-soft", "brand-soft-2")),
    *(("chart", f"chart-{number}", PLANES) for number in range(1, 7)),
)


class AuditedPair(NamedTuple):
    """One foreground on one background, with the ratio that was measured and the one that was promised."""

    scheme: SchemeName
    kind: PairKind
    foreground: str
    background: str
    ratio: float
    target: float

    @property
    def is_met(self) -> bool:
        return self.ratio >= self.target


@dataclass(frozen=True, slots=True)
class Audit:
    """The measured pairs of a theme."""

    pairs: tuple[AuditedPair, ...]

    @property
    def failures(self) -> tuple[AuditedPair, ...]:
        return tuple(pair for pair in self.pairs if not pair.is_met)

    @property
    def tightest(self) -> AuditedPair:
        """The pair that is nearest to its target."""
        return min(self.pairs, key=lambda pair: pair.ratio / pair.target)


class Audited(Protocol):
    """What has been measured: a compiled theme."""

    @property
    def audit(self) -> Audit: ...


def audit_palettes(light: Palette, dark: Palette, level: ContrastLevel) -> Audit:
    targets = TARGETS[level]
    return Audit((*_measured(light, "light", targets), *_measured(dark, "dark", targets)))


def _measured(palette: Palette, scheme: SchemeName, targets: Targets) -> Iterator[AuditedPair]:
    wanted: dict[PairKind, float] = {"text": targets.text, "control": targets.control, "focus": 3.0, "chart": CHART_TARGET}
    for kind, foreground, backgrounds in _PAIRS:
        color, target = palette[foreground], wanted[kind]
        for background in backgrounds:
            yield AuditedPair(scheme, kind, foreground, background, contrast(color, palette[background]), target)


def require_readable(theme: Audited) -> None:
    """Refuse a theme of which a pair misses its target: nobody publishes what cannot be read.

    Raises:
        UnreadableThemeError: names the worst pair; blames `brand`.
    """
    failures = theme.audit.failures
    if not failures:
        return
    worst = min(failures, key=lambda pair: pair.ratio / pair.target)
    raise UnreadableThemeError(
        _("“%(front)s” on “%(back)s” has a contrast of %(ratio).2f; it needs %(target).1f.")
        % {"front": worst.foreground, "back": worst.background, "ratio": worst.ratio, "target": worst.target},
        field="brand",
    )


def audit_rows(audit: Audit, light: Palette, dark: Palette) -> Sequence[dict[str, str | float | bool]]:
    """The audit as plain rows for storage, with APCA beside it as advice."""
    return [_row(pair, dark if pair.scheme == "dark" else light) for pair in audit.pairs]


def _row(pair: AuditedPair, palette: Palette) -> dict[str, str | float | bool]:
    perceived = perceptual_contrast(palette[pair.foreground], palette[pair.background])
    return {
        "scheme": pair.scheme,
        "kind": pair.kind,
        "foreground": pair.foreground,
        "background": pair.background,
        "ratio": round(pair.ratio, 2),
        "target": pair.target,
        "is_met": pair.is_met,
        "apca": round(abs(perceived)),
    }
