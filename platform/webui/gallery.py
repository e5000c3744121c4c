"""The gallery: every component with sample data, in each sample theme. For developing, screenshots and accessibility checks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import translation

from kernel.zones import zone_choices
from webui.date_grid import build_month
from webui.errors import error_response
from webui.formats import current_locale
from webui.forms import (
    AffixInput,
    Card,
    ColorField,
    DateInput,
    ImageInput,
    RadioCards,
    Segmented,
    SlugInput,
    StoaForm,
    Switch,
    TimeInput,
    WeekdaysField,
    WeeklyHoursField,
)
from webui.nav import Account, NavGroup, NavItem
from webui.slots import group_slots
from webui.states import state_response

THEMES: Final = ("stoa", "fresh", "campus", "noir")
PAGES: Final = ("public", "booking", "admin", "platform", "signup", "auth", "error", "state")
_TODAY: Final = date(2026, 11, 12)
_ZONE: Final = "Europe/London"


class SampleForm(StoaForm):
    """One of everything."""

    name = forms.CharField(label="Name of the service", help_text="As customers will read it")
    slug = forms.CharField(label="Address", widget=SlugInput(source="id_name", suffix=".stoa.example"))
    email = forms.EmailField(label="E-mail", required=False)
    price = forms.DecimalField(label="Price", widget=AffixInput(prefix="£", attrs={"inputmode": "decimal"}))
    kind = forms.ChoiceField(
        label="Category", choices=[("deep", "Deep clean"), ("regular", "Regular clean"), ("windows", "Windows")]
    )
    starts_on = forms.DateField(label="First day", widget=DateInput())
    starts_at = forms.TimeField(label="Start", widget=TimeInput())
    about = forms.CharField(label="Description", widget=forms.Textarea, required=False)
    brand = ColorField(label="Brand colour", initial="#0f9d8a", help_text="Any colour is safe")
    photo = forms.FileField(label="Photo", widget=ImageInput, required=False)
    confirmation = forms.ChoiceField(
        label="Confirmation",
        widget=RadioCards,
        initial="instant",
        choices=[
            ("instant", Card("Instant", "The booking is yours at once", icon="zap")),
            ("approval", Card("With approval", "You say yes within a day", icon="user-check")),
        ],
    )
    scheme = forms.ChoiceField(
        label="Appearance", widget=Segmented, initial="light", choices=[("light", "Light"), ("dark", "Dark"), ("auto", "Auto")]
    )
    days = WeekdaysField(label="Days", initial=[0, 2])
    extras = forms.MultipleChoiceField(
        label="Extras",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("oven", "Inside the oven"), ("fridge", "Inside the fridge")],
    )
    is_listed = forms.BooleanField(label="Show it on the front page", widget=Switch, required=False, initial=True)
    agrees = forms.BooleanField(label="I have read the terms", required=False)
    hours = WeeklyHoursField(label="Weekly hours")


def gallery(request: HttpRequest) -> HttpResponse:
    """`?theme=fresh&scheme=dark&page=admin&lang=ar`: all have defaults."""
    page = _one_of(request, "page", PAGES)
    with translation.override(request.GET.get("lang", "en")):
        if page == "error":
            return error_response(request, int(request.GET.get("status", "404")))
        if page == "state":
            return state_response(request, "maintenance", name="Brightnest")
        return render(request, f"webui/gallery/{page}.html", _context(request, page))


def _one_of(request: HttpRequest, key: str, allowed: tuple[str, ...]) -> str:
    wanted = request.GET.get(key, allowed[0])
    return wanted if wanted in allowed else allowed[0]


def _context(request: HttpRequest, page: str) -> dict[str, Any]:  # Any: a template's context
    theme = _one_of(request, "theme", THEMES)
    return {
        "page": page,
        "pages": PAGES,
        "themes": THEMES,
        "theme": theme,
        "scheme": request.GET.get("scheme", ""),
        "theme_css_url": static("webui/stoa.css" if theme == "stoa" else f"webui/gallery/{theme}.css"),
        "form": _forms(wrong="wrong" in request.GET),
        "groups": group_slots(_instants(), zone=_ZONE, locale=current_locale(), day=_TODAY + timedelta(days=1)),
        "grid": _grid(),
        "zone": _ZONE,
        "zones": [(_ZONE, "Edinburgh time"), ("Europe/Berlin", "Berlin time"), ("America/Toronto", "Toronto time")],
        "all_zones": zone_choices(),
        "day": _TODAY + timedelta(days=1),
        "now": datetime(2026, 11, 12, 9, 30, tzinfo=UTC),
        "nav": _nav(request.path),
        "account": Account("Ines Duarte", "Cleaner", url="#", sign_out_url="#"),
        "steps": _steps(),
        "crumbs": [("Brightnest", "#"), ("Deep clean", "#"), ("Deep clean, two-bedroom flat", "")],
        "pager": {"previous_cursor": "a", "next_cursor": "b"},
        "swatches": ["brand", "accent", "ok", "warn", "bad", "info"],
        "week": _week(),
        "week_hours": range(8, 18),
    }


def _forms(*, wrong: bool) -> SampleForm:
    if wrong:
        return SampleForm(
            {"name": "", "slug": "admin", "email": "no mail", "brand": "teal", "hours-0-start": "17:00", "hours-0-end": "09:00"}
        )
    return SampleForm(
        initial={
            "name": "Deep clean",
            "slug": "brightnest",
            "price": "72.00",
            "hours": {day: [("09:00", "17:00")] for day in range(5)},
        }
    )


def _instants() -> list[datetime]:
    base = datetime(2026, 11, 13, tzinfo=UTC)
    return [base + timedelta(minutes=minutes) for minutes in (540, 600, 630, 750, 780, 870, 930, 1080, 1110, 1140)]


def _grid() -> Any:  # Any: only a template reads it
    free = {
        _TODAY + timedelta(days=offset): count
        for offset, count in enumerate((2, 9, 0, 0, 8, 7, 9, 9, 6, 4, 0, 8, 9, 9, 9, 9, 2))
    }
    return build_month(
        _TODAY, today=_TODAY, selected=_TODAY + timedelta(days=1), locale=current_locale(), free=free, first_on=_TODAY
    )


def _nav(here: str) -> list[NavGroup]:
    return [
        NavGroup(
            "",
            (
                NavItem("Home", here, "layout-dashboard", is_current=True, in_tabbar=True),
                NavItem("Calendar", "#", "calendar", in_tabbar=True),
                NavItem("Bookings", "#", "inbox", count=3, in_tabbar=True),
                NavItem("Messages", "#", "message-circle", in_tabbar=True),
            ),
        ),
        NavGroup(
            "Business",
            (NavItem("Services", "#", "tag"), NavItem("Availability", "#", "clock"), NavItem("Reviews", "#", "star")),
        ),
        NavGroup("Account", (NavItem("Public profile", "#", "user-round"), NavItem("Settings", "#", "settings"))),
    ]


def _steps() -> list[dict[str, object]]:
    return [
        {"label": "Reserving the name", "state": "done", "seconds": 0.02},
        {"label": "Opening your database", "state": "done", "seconds": 0.41},
        {"label": "Painting it in your colours", "state": "running", "seconds": None},
        {"label": "Hanging up the sign", "state": "failed", "seconds": 1.2, "error": "The domain did not answer."},
        {"label": "Handing over the keys", "state": "waiting", "seconds": None},
    ]


def _week() -> list[dict[str, object]]:
    events: dict[int, list[tuple[int, int, str, str, str]]] = {
        0: [(4, 10, "", "Fiona M.", "Deep clean"), (20, 6, "a", "J. Ferrier", "Regular")],
        1: [(8, 8, "a", "D. Patel", "Regular"), (18, 8, "", "Studio Kiln", "Windows")],
        3: [(5, 7, "", "R. Singh", "Ironing"), (22, 3, "w", "M. Hay", "To confirm")],
        4: [(12, 8, "b", "Blocked", "Dentist")],
    }
    monday = _TODAY - timedelta(days=_TODAY.weekday())
    days = [monday + timedelta(days=offset) for offset in range(7)]
    return [
        {"day": day, "is_today": day == _TODAY, "is_off": day == days[-1], "events": events.get(day.weekday(), [])}
        for day in days
    ]
