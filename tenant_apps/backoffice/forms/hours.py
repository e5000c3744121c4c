"""Weekly hours, and dates that differ."""

from __future__ import annotations

from datetime import date, time
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_apps.availability.services import check_exception_day, check_exception_is_free, check_exception_stretch
from tenant_apps.availability.types import MINUTES_A_DAY, EditableProvider, ExceptionKind
from webui.forms import DateInput, Segmented, StoaForm, TimeInput, WeeklyHoursField

_MINUTES_AN_HOUR: Final = 60
# The engine's names of fields, and the form's.
FIELDS: Final = {"starts_minute": "starts_at", "ends_minute": "ends_at", "windows": "hours"}


class HoursForm(StoaForm):
    """The usual week."""

    hours = WeeklyHoursField(label=_("Weekly hours"), required=False)


class ExceptionForm(StoaForm):
    """A date that is closed, or has other hours."""

    on_date = forms.DateField(label=_("Date"), widget=DateInput)
    kind = forms.ChoiceField(
        label=_("What is different"),
        choices=[(ExceptionKind.CLOSED.value, _("Closed")), (ExceptionKind.OPEN.value, _("Other hours"))],
        initial=ExceptionKind.CLOSED.value,
        widget=Segmented,
    )
    starts_at = forms.TimeField(label=_("From"), required=False, widget=TimeInput)
    ends_at = forms.TimeField(
        label=_("To"), required=False, widget=TimeInput, help_text=_("Leave both empty to close the whole day.")
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False, help_text=_("For you; customers do not see it."))

    def __init__(self, *args: Any, provider: EditableProvider, **kwargs: Any) -> None:  # Any: passed to Django
        super().__init__(*args, **kwargs)
        self._provider = provider

    def clean(self) -> dict[str, Any]:  # Any: as Django's own
        """Both times or none; other hours need them. A date to come, a stretch of it, and one that is free."""
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        is_open = cleaned.get("kind") == ExceptionKind.OPEN
        for name, value, other in (("starts_at", start, end), ("ends_at", end, start)):
            if name not in self.errors and value is None and (is_open or other is not None):
                self.add_error(name, _("Give a time."))
        if cleaned.get("on_date") is not None:
            self._check_date(cleaned["on_date"])
        return cleaned

    def _check_date(self, on_date: date) -> None:
        with self.telling(FIELDS):
            check_exception_day(on_date, provider=self._provider)
        if {"kind", "starts_at", "ends_at"} & self.errors.keys():
            return
        asked = (on_date, ExceptionKind(self.cleaned_data["kind"]), *self.stretch())
        with self.telling(FIELDS):
            check_exception_stretch(*asked, provider=self._provider)
            check_exception_is_free(*asked, provider=self._provider)

    def stretch(self) -> tuple[int, int]:
        """First and last minute of the valid form; the whole day where none are given. Midnight as an end is 24:00."""
        start, end = self.cleaned_data["starts_at"], self.cleaned_data["ends_at"]
        if start is None or end is None:
            return 0, MINUTES_A_DAY
        return _minute(start), _minute(end) or MINUTES_A_DAY


def _minute(moment: time) -> int:
    return moment.hour * _MINUTES_AN_HOUR + moment.minute
