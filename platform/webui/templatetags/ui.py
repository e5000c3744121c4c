"""The tag library `ui`: icons, fields, money, dates, links of this page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from django import forms, template
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template.context import Context
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kernel.money import Money
from webui import formats
from webui.markup import safe_inline_markup, safe_markup
from webui.names import monogram_of
from webui.nav import tabbar_items
from webui.widgets import Switch

register = template.Library()

_UTC: Final = ZoneInfo("UTC")
# What carries its own look: only text-like controls get the class `input`.
_BARE: Final = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)
_CHOICES: Final = (forms.RadioSelect, forms.CheckboxSelectMultiple)

register.filter("tabbar", tabbar_items)


@register.simple_tag
def sprite_url() -> str:
    """The address of the icons, for script that draws one."""
    return static("webui/icons.svg")


@register.simple_tag
def icon(name: str, css: str = "", label: str | Promise = "") -> SafeString:
    """An icon of the sprite. Without `label` it is decoration, and the words beside it speak."""
    meaning = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true" focusable="false"')
    classes = f"i {css}".strip()
    return format_html('<svg class="{}" {}><use href="{}#{}"></use></svg>', classes, meaning, sprite_url(), name)


@register.simple_tag
def script(name: str) -> SafeString:
    """One of the page's script modules: `booking`, `forms`, `admin`."""
    return format_html('<script type="module" src="{}"></script>', static(f"webui/{name}.js"))


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField, **options: Any
) -> dict[str, Any]:  # Any: `label`, `hint`, `class`, `optional`, `titled` as written in a template
    """Label, control, hint and error of one form field, tied together for assistive technology.

    `titled=True`: a heading above says what the group of controls is, so that its legend is for assistive technology only.
    """
    widget = bound.field.widget
    hint = options.get("hint") or bound.help_text
    described = _described_by(bound, has_hint=bool(hint))
    is_first_wrong = bound.name == next(iter(_wrong_fields(bound.form)), None)
    return {
        "field": bound,
        "is_first_wrong": is_first_wrong,
        "label": options.get("label") or bound.label,
        "hint": hint,
        "css": options.get("class", ""),
        "described": described,
        "kind": _kind_of(widget),
        "choices": getattr(widget, "choices_template", "components/choices/list.html"),
        "control": _control(bound, described, is_first_wrong=is_first_wrong),
        "note": getattr(bound.form, "label_notes", {}).get(bound.name, ""),
        "is_titled": options.get("titled", False),
        "is_optional": options.get("optional", not bound.field.required and not isinstance(widget, forms.CheckboxInput)),
    }


def _wrong_fields(form: forms.BaseForm) -> list[str]:
    """The refused fields in the form's order. The first gets the focus: on a phone it may be a page away from the top."""
    return [name for name in form.fields if name in form.errors and not form.fields[name].widget.is_hidden]


def _kind_of(widget: forms.Widget) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, _CHOICES):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "switch" if isinstance(widget, Switch) else "check"
    return "group" if widget.use_fieldset else "control"


def _described_by(bound: BoundField, *, has_hint: bool) -> str:
    ids = [(has_hint, f"{bound.auto_id}_helptext"), (bool(bound.errors), f"{bound.auto_id}_error")]
    return " ".join(name for is_there, name in ids if is_there)


def _control(bound: BoundField, described: str, *, is_first_wrong: bool) -> SafeString:
    widget = bound.field.widget
    own = widget.attrs.get("class", "")
    is_bare = widget.is_hidden or isinstance(widget, _BARE)
    name = "switch" if isinstance(widget, Switch) else "" if is_bare else "input"
    attrs: dict[str, str | bool] = {
        "class": f"{name} {own}".strip(),
        "aria-describedby": described,
        "autofocus": is_first_wrong,
    }
    return bound.as_widget(attrs={key: value for key, value in attrs.items() if value})


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: forms.BaseForm) -> dict[str, Any]:  # Any: a template's context
    """Errors that belong to no field that is shown."""
    hidden = [error for bound in form.hidden_fields() for error in bound.errors]
    return {"errors": [*form.non_field_errors(), *hidden]}


@register.simple_tag(takes_context=True)
def locale_tag(context: Context) -> str:
    """The language tag for `<html lang>`: script formats with it as the server does."""
    return str(_locale(context)).replace("_", "-")


@register.simple_tag(takes_context=True)
def money(context: Context, amount_minor: int, currency: str, *, short: bool = False) -> str:
    """An amount in minor units as people here write it."""
    return formats.money_text(Money(amount_minor, currency), _locale(context), short=short)


@register.simple_tag(takes_context=True)
def datetime_in(context: Context, moment: datetime, zone: str, style: formats.Style = "datetime") -> str:
    """An instant on the clock and calendar of a zone."""
    return formats.moment_text(moment, zone, style, _locale(context))


@register.simple_tag(takes_context=True)
def time_element(context: Context, moment: datetime, zone: str, style: formats.Style = "datetime") -> SafeString:
    """The same inside `<time>`, with the instant for machines."""
    machine = moment.astimezone(_UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return format_html('<time datetime="{}">{}</time>', machine, formats.moment_text(moment, zone, style, _locale(context)))


@register.simple_tag(takes_context=True)
def day(context: Context, on_date: date, style: formats.DayStyle = "full") -> str:
    """A calendar day, which belongs to no zone."""
    return formats.styled_day_text(on_date, style, _locale(context))


@register.simple_tag(takes_context=True)
def days(context: Context, first: date, last: date) -> str:
    """A stretch of calendar days, both included."""
    return formats.days_text(first, last, _locale(context))


@register.simple_tag(takes_context=True)
def city(context: Context, zone: str) -> str:
    """The city by which people know a zone's clock."""
    return formats.city_text(zone, _locale(context))


@register.simple_tag(takes_context=True)
def duration(context: Context, length: timedelta | int) -> str:
    """A span (or minutes) in words."""
    minutes = int(length.total_seconds() // 60) if isinstance(length, timedelta) else length
    return formats.duration_text(minutes, _locale(context))


@register.simple_tag(takes_context=True)
def seconds(context: Context, span: timedelta | float) -> str:
    """A short span with one decimal."""
    return formats.seconds_text(span, _locale(context))


@register.simple_tag(takes_context=True)
def query_replace(context: Context, **changes: object) -> str:
    """This page's query with some keys changed; None and "" remove a key."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def active(context: Context, url: str, *, deep: bool = False) -> SafeString:
    """`aria-current` for a link to this page; with `deep` also for pages below it."""
    here = context["request"].path
    is_here = here == url or (deep and here.startswith(url))
    return SafeString(' aria-current="page"') if is_here else SafeString("")


@register.simple_tag
def stars(count: int, label: str | Promise) -> SafeString:
    """A row of filled stars with its meaning in words."""
    row = format_html_join("", "{}", ((icon("star"),) for _ in range(count)))
    return format_html('<span class="stars" role="img" aria-label="{}">{}</span>', label, row)


@register.filter(is_safe=True)
def one_stop(sentence: str) -> str:
    """A sentence that may end with a time, which may have its own full stop."""
    return formats.one_stop(sentence)


@register.filter
def monogram(name: object) -> str:
    """The letters that stand for a name, for a tile without a picture."""
    return monogram_of(str(name))


@register.filter
def markdown(text: object) -> SafeString:
    """Paragraphs and lists from Markdown, as harmless markup."""
    return safe_markup(str(text))


@register.filter
def markdown_line(text: object) -> SafeString:
    """The same for a line inside other words."""
    return safe_inline_markup(str(text))


@register.filter
def exact_pattern(text: object) -> str:
    """A value for the HTML attribute `pattern` that matches just this text."""
    return "".join(rf"\{letter}" if letter in r"\^$.*+?()[]{}|/" else letter for letter in str(text))


def _locale(context: Context) -> Locale:
    """The active language in the tenant's regional form; a context may also name a `locale` (mails, documents)."""
    tenant = context.get("tenant")
    return formats.current_locale(context.get("locale") or getattr(tenant, "locale", None))
