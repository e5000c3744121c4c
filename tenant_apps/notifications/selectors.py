"""The paper a letter is written on: the tenant's name, mark, colours and corners, as plain values that mail clients know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from tenant_apps.notifications.models import SentMail
from tenants.context import TenantContext
from tenants.types import WITHDRAWN
from themes.engine.errors import PackageError, TokenError, UnknownPackageError
from themes.engine.fonts import FONTS
from themes.engine.packages import BASE, get_package
from themes.engine.stylesheet import CompiledTheme, compile_theme
from themes.publishing import theme_of

# Web fonts reach few mail clients, so the theme's are stood in for by what is on every machine.
_SANS: Final = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_SERIF: Final = "Georgia,'Times New Roman',serif"
_LARGEST_BUTTON_RADIUS: Final = 14


def was_sent(key: str) -> bool:
    """Whether the mail that `key` names went out, or was to (one query)."""
    return SentMail.objects.filter(key=key).exists()


@dataclass(frozen=True, slots=True)
class Paper:
    """`ink`, `line` and the rest are hex colours whose pairs the theme engine has proven readable on a light ground.

    Letters are always light: clients that prefer dark turn them by themselves. Radii are pixels.
    """

    name: str
    home_url: str
    icon_url: str
    ground: str
    surface: str
    line: str
    ink: str
    ink_2: str
    ink_3: str
    brand: str
    brand_edge: str
    on_brand: str
    brand_ink: str
    brand_soft: str
    brand_line: str
    ok_ink: str
    warn_ink: str
    bad_ink: str
    heading_font: str
    body_font: str
    radius: int
    card_radius: int
    button_radius: int


def paper_of(tenant: TenantContext) -> Paper:
    """The paper of this marketplace; a plain one where its theme is broken: that costs the look, not the letter."""
    theme = _theme_of(tenant)
    colors, tokens = theme.light, theme.tokens
    # Whoever is withdrawn answers for no picture either: such letters have none rather than a broken one.
    has_icon = tenant.brand_kit and tenant.status not in WITHDRAWN
    icon = reverse("themes:brand_file", args=[tenant.brand_kit, "icon-192.png"]) if has_icon else ""
    button = {"pill": 999, "square": 0, "match": min(round(tokens.radius * 0.8), _LARGEST_BUTTON_RADIUS)}
    return Paper(
        name=tenant.name,
        home_url=f"{tenant.base_url}/",
        icon_url=tenant.base_url + icon if icon else "",
        ground=colors["surface-2"],
        surface=colors["surface"],
        line=colors["line"],
        ink=colors["ink"],
        ink_2=colors["ink-2"],
        ink_3=colors["ink-3"],
        brand=colors["brand"],
        brand_edge=colors["brand-edge"],
        on_brand=colors["on-brand"],
        brand_ink=colors["brand-ink"],
        brand_soft=colors["brand-soft"],
        brand_line=colors["brand-line"],
        ok_ink=colors["ok-ink"],
        warn_ink=colors["warn-ink"],
        bad_ink=colors["bad-ink"],
        heading_font=_stack_of(tokens.font_heading),
        body_font=_stack_of(tokens.font_body),
        radius=tokens.radius,
        card_radius=round(tokens.radius * 1.45),
        button_radius=button[tokens.buttons],
    )


def _theme_of(tenant: TenantContext) -> CompiledTheme:
    try:
        return theme_of(tenant)
    except (PackageError, UnknownPackageError, TokenError):
        return compile_theme(get_package(BASE).resolve_tokens({}))


def _stack_of(font: str) -> str:
    return _SERIF if FONTS[font].category == "serif" else _SANS
