"""Days on which the whole marketplace takes no bookings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_apps.availability.errors import InvalidTime
from tenant_apps.availability.selectors import instants_of_days
from tenant_apps.availability.services import check_blackout_days
from tenants.scope import current_tenant
from webui.forms import DateInput, StoaForm

# The engine's names of fields, and the form's.
FIELDS: Final = {"starts_at": "first_on", "ends_at": "last_on"}


class ClosureForm(StoaForm):
    """One day, or the first and the last of several."""

    first_on = forms.DateField(label=_("First day"), widget=DateInput)
    last_on = forms.DateField(
        label=_("Last day"), required=False, widget=DateInput, help_text=_("Leave it empty to close a single day.")
    )
    note = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("For those who work here; customers do not see it.")
    )

    def clean(self) -> dict[str, Any]:  # Any: as Django's own
        """Days that calendars reach, and the last not before the first."""
        cleaned = super().clean() or self.cleaned_data
        for name in ("first_on", "last_on"):
            self._require_reach(name, cleaned.get(name))
        first, last = cleaned.get("first_on"), cleaned.get("last_on")
        if first is not None and last is not None and last < first:
            self.add_error("last_on", _("The last day must not be before the first."))
        if not {"first_on", "last_on"} & self.errors.keys():
            with self.telling(FIELDS):
                check_blackout_days(*self.stretch(current_tenant().time_zone))
        return cleaned

    def _require_reach(self, name: str, day: date | None) -> None:
        if day is None:
            return
        try:
            instants_of_days(day, day, "UTC")
        except InvalidTime as error:
            self.add_error(name, str(error))

    def stretch(self, zone: str) -> tuple[datetime, datetime]:
        """The valid form's days as instants `[starts_at, ends_at)`, aware UTC: midnight to midnight on the clock of `zone`."""
        first = self.cleaned_data["first_on"]
        return instants_of_days(first, self.cleaned_data["last_on"] or first, zone)
