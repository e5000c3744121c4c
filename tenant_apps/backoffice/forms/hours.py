"""Weekly hours and the dates that differ from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_apps.availability.types import MINUTES_A_DAY, ExceptionKind
from webui.forms import DateInput, Segmented, StoaForm, TimeInput, WeeklyHoursField

_HOUR: Final = 60
_ALL_DAY: Final = "closed"
_OTHER: Final = "open"
_PART: Final = "part"


class WeeklyHoursForm(StoaForm):
    """The week as it usually is."""

    hours = WeeklyHoursField(label=_("Weekly hours"), required=False)

    def clean(self) -> dict[str, Any]:  # Any: Django's own signature
        """A form without the editor is a mistake, not a week that is closed on all days."""
        widget = self.fields["hours"].widget
        if widget.value_omitted_from_data(self.data, self.files, self.add_prefix("hours")):
            self.add_error("hours", _("The hours are missing. Load the page anew and try again."))
        return super().clean() or {}

    def windows(self) -> list[tuple[int, int, int]]:
        """Rows for the service: weekday from 0 for Monday, first and last minute; 1440 is midnight at the day's end."""
        return [
            (day, minute_of(start), minute_of(end) or MINUTES_A_DAY)
            for day, windows in self.cleaned_data["hours"].items()
            for start, end in windows
        ]


def weekly_values(rows: Iterable[tuple[int, int, int]]) -> dict[int, list[tuple[time, time]]]:
    """Stored rows as the field shows them."""
    days: dict[int, list[tuple[time, time]]] = {}
    for day, starts, ends in rows:
        days.setdefault(day, []).append((time_of(starts), time_of(ends)))
    return days


class ExceptionForm(StoaForm):
    """One date that differs."""

    on_date = forms.DateField(label=_("Date"), widget=DateInput)
    what = forms.ChoiceField(
        label=_("On that day"),
        widget=Segmented,
        choices=[(_ALL_DAY, _("Closed")), (_OTHER, _("Other hours")), (_PART, _("A break"))],
        initial=_ALL_DAY,
    )
    starts = forms.TimeField(label=_("From"), required=False, widget=TimeInput)
    ends = forms.TimeField(label=_("To"), required=False, widget=TimeInput)
    note = forms.CharField(label=_("Note"), max_length=200, required=False, help_text=_("Only you see it."))

    def clean(self) -> dict[str, Any]:  # Any: Django's own signature
        """Times are needed unless the whole day is closed."""
        values = super().clean() or {}
        if values.get("what") == _ALL_DAY:
            return values
        for name in ("starts", "ends"):
            if values.get(name) is None and name not in self.errors:
                self.add_error(name, _("Give a time."))
        return values

    def arguments(self) -> dict[str, Any]:  # Any: keyword arguments of a service, each with its own type
        """What `add_exception` wants."""
        values = self.cleaned_data
        kind = ExceptionKind.OPEN if values["what"] == _OTHER else ExceptionKind.CLOSED
        times: dict[str, Any] = {}  # Any: as above
        if values["what"] != _ALL_DAY:
            times = {
                "starts_minute": minute_of(values["starts"]),
                "ends_minute": minute_of(values["ends"]) or MINUTES_A_DAY,
            }
        return {"on_date": values["on_date"], "kind": kind, "note": values["note"], **times}


def minute_of(clock: time) -> int:
    """Minutes since midnight."""
    return clock.hour * _HOUR + clock.minute


def time_of(minute: int) -> time:
    """The clock at that minute; 1440 is shown as 00:00, the only way a time field knows midnight."""
    return time(minute // _HOUR % 24, minute % _HOUR)
