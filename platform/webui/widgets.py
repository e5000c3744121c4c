"""The inputs that Django does not have; each names the template that `{% field %}` draws it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Card:
    """The label of a choice in `RadioCards`: a title, a line below, and what stands at its side."""

    title: str | Promise
    text: str | Promise = ""
    icon: str = ""
    badge: str | Promise = ""

    def __str__(self) -> str:
        return str(self.title)


class TimeInput(forms.TimeInput):
    """The browser's own time field; values to the minute."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:  # Any: Django's own signature
        super().__init__({"step": 300, **(attrs or {})}, format="%H:%M")


class DateInput(forms.DateInput):
    """The browser's own date field, which wants ISO dates whatever the locale shows."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:  # Any: Django's own signature
        super().__init__(attrs, format="%Y-%m-%d")


class ColorInput(forms.TextInput):
    """Hex text with a swatch beside it. The text is what is sent; the swatch needs script and follows it."""

    template_name = "webui/widgets/color.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:  # Any: Django's own signature
        super().__init__({"maxlength": 7, "spellcheck": "false", "autocomplete": "off", **(attrs or {})})


class AffixInput(forms.TextInput):
    """Text with something fixed before or after it: a currency, a unit, a domain."""

    template_name = "webui/widgets/affix.html"

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,  # Any: Django's own signature
        *,
        prefix: str = "",
        suffix: str | Promise = "",
    ) -> None:
        super().__init__(attrs)
        self.prefix = prefix
        self.suffix = suffix

    def get_context(self, name: str, value: object, attrs: Mapping[str, Any] | None) -> dict[str, Any]:  # Any: as above
        """Adds what stands before and after."""
        context = super().get_context(name, value, dict(attrs or {}))
        context["widget"] |= {"prefix": self.prefix, "suffix": self.suffix}
        return context


class SlugInput(AffixInput):
    """An address being chosen: suggested from the field with the id `source`, free of capitals and spell checking."""

    template_name = "webui/widgets/slug.html"

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,  # Any: as above
        *,
        source: str = "",
        suffix: str = "",
    ) -> None:
        plain = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false", "maxlength": 40}
        super().__init__({**plain, **(attrs or {})}, suffix=suffix)
        self.source = source

    def get_context(self, name: str, value: object, attrs: Mapping[str, Any] | None) -> dict[str, Any]:  # Any: as above
        """Adds the field that the suggestion comes from."""
        context = super().get_context(name, value, attrs)
        context["widget"]["source"] = self.source
        return context


class ImageInput(forms.ClearableFileInput):
    """An upload that shows what is there now and lets it be removed."""

    template_name = "webui/widgets/image.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:  # Any: as above
        super().__init__({"accept": "image/png,image/jpeg,image/webp", **(attrs or {})})


class RadioCards(forms.RadioSelect):
    """One of a few, as cards; choices are `(value, Card(...))` or plain labels."""

    choices_template: ClassVar[str] = "components/choices/cards.html"


class Segmented(forms.RadioSelect):
    """One of two to four short words, side by side."""

    choices_template: ClassVar[str] = "components/choices/segments.html"


class WeekdayGrid(forms.CheckboxSelectMultiple):
    """Any of the seven weekdays, as chips."""

    choices_template: ClassVar[str] = "components/choices/days.html"


class Switch(forms.CheckboxInput):
    """A tick box for a setting that is on or off."""
