"""What forms share: our renderer, labels without a colon, and where a refusal of the domain is shown."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from babel.dates import get_day_names
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import RegexValidator
from django.forms.renderers import DjangoTemplates
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from webui.formats import current_locale
from webui.hours import HoursEditor, WeeklyHours, WeeklyHoursField
from webui.widgets import (
    AffixInput,
    Card,
    ColorInput,
    DateInput,
    ImageInput,
    RadioCards,
    Segmented,
    SlugInput,
    Switch,
    TimeInput,
    WeekdayGrid,
)

# Forms of other apps import everything from here.
__all__ = [
    "AffixInput",
    "Card",
    "ColorField",
    "ColorInput",
    "DateInput",
    "HoursEditor",
    "ImageInput",
    "RadioCards",
    "Segmented",
    "SlugInput",
    "StoaForm",
    "StoaRenderer",
    "Switch",
    "TimeInput",
    "WeekdayGrid",
    "WeekdaysField",
    "WeeklyHours",
    "WeeklyHoursField",
    "add_domain_error",
]

_HEX: Final = re.compile(r"^#[0-9a-fA-F]{6}$")
_SHORT_HEX_LENGTH: Final = 4


class StoaRenderer(DjangoTemplates):
    """`{{ form }}` and `{{ form.x.as_field_group }}` come out as `{% field %}` draws them. Set as FORM_RENDERER."""

    form_template_name = "webui/form.html"
    field_template_name = "webui/field_group.html"


class _Manners:
    """No colon after labels: the label stands above its field. Errors are announced by the field, not by a list's class."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: passed through to Django
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class StoaForm(_Manners, forms.Form):
    """The base of forms. `label_notes` says behind a field's label when it is needed, instead of "(optional)".

    What only the domain can judge (a name that is taken, a password that is weak) is judged in `clean`, within `telling`:
    so one answer tells everything that is to mend, and the service behind the form, which judges again, has nothing to add.
    """

    label_notes: ClassVar[Mapping[str, str | Promise]] = {}

    default_renderer = StoaRenderer

    @contextmanager
    def telling(self, fields: Mapping[str, str] | None = None) -> Generator[None]:
        """What the domain refuses inside stands beside the field it blames, unless that field is wrong already.

        `fields` gives the form's names of fields that the domain calls otherwise.
        """
        try:
            yield
        except DomainError as error:
            error.field = (fields or {}).get(error.field or "", error.field)
            if error.field not in self.errors:
                add_domain_error(self, error)


class ColorField(forms.CharField):
    """A colour as `#rrggbb`, lower case; `#abc` and a missing hash are understood."""

    widget = ColorInput
    default_validators = [RegexValidator(_HEX, _("Write a colour like #0f9d8a."))]

    def to_python(self, value: object) -> str:
        """Tidies what people type or paste."""
        text = (super().to_python(value) or "").lower()
        if text and not text.startswith("#"):
            text = f"#{text}"
        is_short = len(text) == _SHORT_HEX_LENGTH
        return "#" + "".join(2 * digit for digit in text[1:]) if is_short else text


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Weekdays as numbers, Monday is 0; offered in the order and words of the active locale."""

    widget = WeekdayGrid

    def __init__(self, **kwargs: Any) -> None:  # Any: passed through to Django
        super().__init__(choices=_weekday_choices, coerce=int, **kwargs)


def _weekday_choices() -> list[tuple[str, str]]:
    locale = current_locale()
    names = get_day_names("abbreviated", "stand-alone", locale)
    return [(str(day), names[day]) for day in ((locale.first_week_day + index) % 7 for index in range(7))]


def add_domain_error(form: forms.BaseForm, error: DomainError) -> None:
    """Show a refusal beside the field it blames, or above the form where it blames none (or one that is not shown)."""
    is_shown = error.field in form.fields
    form.add_error(error.field if is_shown else NON_FIELD_ERRORS, ValidationError(error.message, code=error.code))
