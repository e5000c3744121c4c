"""`{% load art %}`: generated portraits, motifs, logo tiles, mosaics and small charts, and the theme of a tenant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time

from babel import Locale, UnknownLocaleError
from babel.dates import format_time
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from themes.engine import art
from themes.engine.art.mosaic import Sitter
from themes.engine.errors import TokenError
from themes.engine.packages import BASE
from themes.engine.tokens import ThemeTokens
from themes.loader import package_or_stand_in

register = template.Library()

_NO_OPTIONS: Mapping[str, object] = {}


@register.simple_tag
def portrait(seed: object, size: int = 96, title: str = "", options: object = None) -> SafeString:
    """`{% portrait provider.seed 88 options=provider.art %}`: a generated face; named only where `title` is given."""
    return art.portrait(seed, size, title=title, options=_options(options))


@register.simple_tag
def face(person: object, size: int = 96, title: str = "") -> SafeString:
    """`{% face provider 88 %}`: the uploaded photo of somebody where there is one, else their generated portrait.

    `person` is a mapping or an object with `seed` (or `name`), `photo_url` and `art`.
    """
    photo = _read(person, "photo_url")
    if photo:
        markup = '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy" decoding="async">'
        return format_html(markup, photo, size, size, title)
    return art.portrait(_seed_of(person), size, title=title, options=_options(_read(person, "art")))


@register.simple_tag
def motif(name: str, seed: object, w: int = 640, h: int = 420, dark: bool = False) -> SafeString:  # noqa: FBT001, FBT002  # positional in templates
    """`{% motif tokens.motif provider.seed 420 230 %}`: a seeded pattern; `dark=True` for the deep plane."""
    return art.motif(name, seed, w, h, dark=dark)


@register.simple_tag
def logo_tile(mark: str, seed: object = "", size: int = 34, title: str = "") -> SafeString:
    """`{% logo_tile "spark" %}` or `{% logo_tile tenant.name tenant.id %}`: a glyph by name, else a monogram."""
    return art.logo_tile(mark, seed, size, title=title)


@register.simple_tag
def logo(tenant: object, size: int = 34) -> SafeString:
    """`{% logo tenant %}`: the uploaded logo, else the chosen glyph, else the monogram. Its name stands beside it."""
    content = _options(_read(tenant, "content"))
    uploaded = content.get("logo_url")
    if uploaded:
        return format_html('<img src="{}" width="{}" height="{}" alt="">', uploaded, size, size)
    return art.logo_tile(str(content.get("logo") or _read(tenant, "name") or ""), _read(tenant, "id"), size)


@register.simple_tag
def mosaic(people: Iterable[object], seed: object) -> SafeString:
    """`{% mosaic page.providers tenant.id %}`: a wall of tiles with the first five faces set into it: as in their
    uploaded photos where there are any.
    """
    return art.mosaic([_sitter(person) for person in people or ()], seed)


@register.simple_tag
def spark(values: Sequence[float]) -> SafeString:
    return art.sparkline(values)


@register.simple_tag
def ring(percent: float, size: int = 56) -> SafeString:
    return art.progress_ring(percent, size)


@register.simple_tag
def area_chart(
    points: Sequence[art.ChartPoint], *, axis: Sequence[str], title: str, chart_id: str, w: int = 760, h: int = 280
) -> SafeString:
    """`{% area_chart points axis=axis title=_("Earnings by week") chart_id="earnings" %}`.

    `axis` holds the words for `themes.engine.art.charts.scale_values(points)`.
    """
    return art.area_chart(points, title=title, axis=axis, chart_id=chart_id, width=w, height=h)


@register.simple_tag
def bar_chart(
    bars: Sequence[art.Bar], *, axis: Sequence[str], title: str, chart_id: str, w: int = 760, h: int = 280
) -> SafeString:
    """`{% bar_chart bars axis=axis title=_("Revenue by month") chart_id="revenue" %}`.

    `axis` holds the words for `themes.engine.art.bars.bar_scale(bars)`.
    """
    return art.bar_chart(bars, title=title, axis=axis, chart_id=chart_id, width=w, height=h)


@register.simple_tag
def share(part: float) -> SafeString:
    """`{% share 0.42 %}`: a part of a whole as a line beside its number."""
    return art.share_bar(part)


@register.simple_tag
def example_times(tenant: object) -> list[str]:
    """Six times of a working day, written as in the tenant's country, for the picture of a calendar."""
    try:
        locale = Locale.parse(str(_read(tenant, "locale")), sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    hours = (time(9), time(10, 30), time(12), time(14, 30), time(16, 30), time(18))
    return [format_time(hour, "short", locale=locale) for hour in hours]


@register.simple_tag
def free_providers(providers: Iterable[object], most: int = 6) -> list[object]:
    """The first providers that have a next free slot."""
    return [provider for provider in providers or () if _read(provider, "next_slot")][:most]


@register.simple_tag
def tenant_tokens(tenant: object) -> ThemeTokens:
    """`{% tenant_tokens tenant as tokens %}`: the 14 tokens of the tenant's theme, package defaults included.

    A theme that cannot be resolved costs a page its look, not its life: the defaults stand in.
    """
    values = _options(_read(tenant, "theme_tokens"))
    try:
        ref = _read(tenant, "theme_ref") or _read(tenant, "theme_package") or BASE
        return package_or_stand_in(str(ref)).resolve_tokens(values)
    except TokenError:
        return ThemeTokens()


def _sitter(person: object) -> Sitter:
    return Sitter(_seed_of(person), _options(_read(person, "art")), photo_url=str(_read(person, "photo_url") or ""))


def _read(thing: object, name: str) -> object:
    """A key of a mapping, or an attribute, as a template would find it."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _seed_of(person: object) -> object:
    return _read(person, "seed") or _read(person, "name") or ""


def _options(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else _NO_OPTIONS
