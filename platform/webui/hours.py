"""Weekly hours as a form has them: windows per weekday, each with a start and an end on the wall clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from typing import Any, Final

from babel import Locale
from babel.dates import get_day_names
from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from webui.formats import current_locale

Window = tuple[time, time]
# Monday is 0. The end 00:00 means midnight at the end of the day: a time field knows no 24:00.
WeeklyHours = dict[int, tuple[Window, ...]]
# What was typed, as text, so that nothing typed is lost when a part of it is wrong.
Typed = dict[int, list[tuple[str, str]]]

DAYS: Final = range(7)
_MIDNIGHT: Final = time(0)


@dataclass(frozen=True, slots=True)
class _Row:
    """A day in the editor."""

    day: int
    label: str
    windows: list[tuple[str, str]]
    is_empty: bool


class HoursEditor(forms.Widget):
    """A row per weekday with pairs of times; `<stoa-hours>` adds, removes and copies, without script there are spare rows."""

    template_name = "webui/widgets/hours.html"
    use_fieldset = True

    def get_context(
        self, name: str, value: object, attrs: Mapping[str, Any] | None
    ) -> dict[str, Any]:  # Any: Django's own signature
        """Adds the rows, the week starting as in the active locale."""
        context = super().get_context(name, value, dict(attrs or {}))
        locale = current_locale()
        names = get_day_names("wide", "stand-alone", locale)
        typed = _as_typed(value)
        context["widget"]["rows"] = [_row(day, names[day], typed.get(day, [])) for day in _week_order(locale)]
        return context

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> Typed:  # Any: as above
        """The pairs of all rows that have something in them."""
        del files  # hours come as text
        typed: Typed = {}
        for day in DAYS:
            starts, ends = (_all(data, f"{name}-{day}-{side}") for side in ("start", "end"))
            pairs = [(start.strip(), end.strip()) for start, end in zip(starts, ends, strict=False)]
            typed[day] = [pair for pair in pairs if any(pair)]
        return typed

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> bool:  # Any: as above
        """True when the form had no editor at all."""
        del files
        return not any(f"{name}-{day}-start" in data for day in DAYS)


class WeeklyHoursField(forms.Field):
    """Cleans to `WeeklyHours`: every day is there, its windows sorted and apart from each other."""

    widget = HoursEditor
    default_error_messages = {
        "half": _("%(day)s: a window needs a start and an end."),
        "clock": _("%(day)s: %(text)s is not a time."),
        "order": _("%(day)s: a window ends before it starts. For hours past midnight, end at midnight and go on the next day."),
        "overlap": _("%(day)s: two windows overlap."),
        "required": _("Add at least one window."),
    }

    def to_python(self, value: Typed | None) -> WeeklyHours:
        """Raises `ValidationError` with one message per day that is wrong."""
        names = get_day_names("wide", "stand-alone", current_locale())
        cleaned: WeeklyHours = {}
        errors: list[ValidationError] = []
        for day in DAYS:
            try:
                cleaned[day] = self._clean_day((value or {}).get(day, []), names[day])
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        return cleaned

    def validate(self, value: WeeklyHours) -> None:
        """A required field wants one window in the week."""
        if self.required and not any(value.values()):
            raise self._error("required")

    def has_changed(self, initial: object, data: object) -> bool:
        """Compares what would be shown."""
        return _without_closed(initial) != _without_closed(data)

    def _clean_day(self, pairs: list[tuple[str, str]], day: str) -> tuple[Window, ...]:
        windows = sorted(self._clean_window(start, end, day) for start, end in pairs)
        for (_start, end), (start, _end) in pairwise(windows):
            if end == _MIDNIGHT or start < end:
                raise self._error("overlap", day=day)
        return tuple(windows)

    def _clean_window(self, start: str, end: str, day: str) -> Window:
        if not (start and end):
            raise self._error("half", day=day)
        window = (self._clean_time(start, day), self._clean_time(end, day))
        if window[1] != _MIDNIGHT and window[1] <= window[0]:
            raise self._error("order", day=day)
        return window

    def _clean_time(self, text: str, day: str) -> time:
        try:
            return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError as error:
            raise self._error("clock", day=day, text=text) from error

    def _error(self, code: str, **params: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)


def _row(day: int, label: str, windows: list[tuple[str, str]]) -> _Row:
    return _Row(day, label, windows or [("", "")], is_empty=not windows)


def _week_order(locale: Locale) -> list[int]:
    return [(locale.first_week_day + index) % 7 for index in DAYS]


def _all(data: Mapping[str, Any], key: str) -> list[str]:  # Any: a QueryDict's values are text, a plain dict's may be lists
    getlist = getattr(data, "getlist", None)
    found = getlist(key) if getlist else data.get(key, [])
    return [str(each) for each in ([found] if isinstance(found, str) else found)]


def _as_typed(value: object) -> Typed:
    """Stored hours and typed hours in one shape: text."""
    days = value if isinstance(value, Mapping) else {}
    return {int(day): [(_clock(start), _clock(end)) for start, end in windows] for day, windows in days.items()}


def _without_closed(value: object) -> Typed:
    return {day: windows for day, windows in _as_typed(value).items() if windows}


def _clock(value: time | str) -> str:
    return f"{value:%H:%M}" if isinstance(value, time) else value
