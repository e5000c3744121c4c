"""What managers and owners set: invitations, categories, the organization's own look."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from kernel.emails import LONGEST
from kernel.places import usual_locale
from tenant_apps.catalog.services import check_category_name
from tenant_apps.members.services import check_invitable
from tenant_apps.members.types import Role
from webui.forms import ColorField, StoaForm
from webui.places import currency_field, region_choices, region_label, zone_field

# Symbols of the sprite that stand for a trade; any other would be an empty tile.
_ICONS: Final = (
    "sparkles", "spray-can", "droplets", "app-window", "washing-machine", "shirt", "leaf", "sprout", "flower-2", "hammer",
    "wrench", "paint-roller", "plug", "truck", "package-open", "paw-print", "dog", "heart-pulse", "stethoscope", "dumbbell",
    "scissors", "brush", "utensils", "graduation-cap", "book-open", "calculator", "sigma", "flask-conical", "languages",
    "music", "code-xml", "brain", "lightbulb", "pen-tool", "camera", "film", "megaphone", "target", "chart-line", "briefcase",
    "laptop", "compass", "car", "plane",
)  # fmt: skip  # a list of words


class InviteProviderForm(StoaForm):
    """Whom to invite."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"), max_length=254)

    def clean(self) -> dict[str, Any]:  # Any: as Django's own
        """Nobody who is here or invited already."""
        cleaned = super().clean() or self.cleaned_data
        if "email" in cleaned:
            with self.telling():
                check_invitable(cleaned["email"], Role.PROVIDER)
        return cleaned


class CategoryForm(StoaForm):
    """A shelf of the marketplace."""

    name = forms.CharField(label=_("Name"), max_length=80)
    description = forms.CharField(
        label=_("Description"), max_length=300, required=False, help_text=_("One or two sentences at the top of its page.")
    )
    icon = forms.ChoiceField(
        label=_("Symbol"),
        required=False,
        choices=[("", _("None")), *((name, name.replace("-", " ")) for name in _ICONS)],
    )

    def __init__(self, *args: Any, category_id: UUID | None = None, **kwargs: Any) -> None:  # Any: passed to Django
        super().__init__(*args, **kwargs)
        self._category_id = category_id

    def clean(self) -> dict[str, Any]:  # Any: as Django's own
        """A name that no other category has."""
        cleaned = super().clean() or self.cleaned_data
        if "name" in cleaned:
            with self.telling():
                check_category_name(cleaned["name"], but=self._category_id)
        return cleaned


class ConfirmNameForm(StoaForm):
    """The name of what is about to be lost, typed to prove that it is meant."""

    confirm_name = forms.CharField(label=_("Type its name to go on"), max_length=200)


class SettingsForm(StoaForm):
    """How the organization presents itself, and where it is at home.

    The page remembers what it was loaded with (`remembered`), so that only what is another now is written (`changes`): what
    somebody else has set meanwhile stays.
    """

    name = forms.CharField(label=_("Name of the organization"), max_length=80)
    headline = forms.CharField(
        label=_("Headline"), max_length=120, required=False, help_text=_("The large words on the front page.")
    )
    tagline = forms.CharField(
        label=_("Tagline"), max_length=200, required=False, help_text=_("A sentence below them, and in search results.")
    )
    contact_email = forms.EmailField(
        label=_("Contact"),
        max_length=LONGEST,
        required=False,
        help_text=_("Answers to your mails go here; left empty, to the first owner."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    brand = ColorField(label=_("Brand colour"), help_text=_("Pick any colour. It will be readable."))
    time_zone = zone_field()
    locale = forms.ChoiceField(label=_("Region"))
    currency = currency_field()

    def __init__(self, *args: Any, language: str, is_currency_fixed: bool, **kwargs: Any) -> None:  # Any: passed to Django
        super().__init__(*args, **kwargs)
        self._language = language
        self._choices("locale").choices = region_choices(language)
        # What is set stays choosable, though the list may have left it out since.
        for name in ("time_zone", "locale", "currency"):
            field, current = self._choices(name), self.initial[name]
            if not field.valid_value(current):
                field.choices = [(current, str(current)), *cast("Iterable[tuple[str, str]]", field.choices)]
        # A field that is off is not judged by what was sent, but by what is: nobody loses the rest for it.
        self.fields["currency"].disabled = is_currency_fixed
        for each in self.fields.values():
            each.show_hidden_initial = True

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # declared above
        return field

    @property
    def changes(self) -> dict[str, str | None]:
        """Every field by name, with what is to be written; None for what was not touched since the page was loaded."""
        changed = set(self.changed_data)
        return {name: self.cleaned_data[name] if self._is_meant(name, changed) else None for name in self.fields}

    @property
    def remembered(self) -> list[SafeString]:
        """What the page was loaded with, as hidden inputs; also after a refusal, which the page before it may not have had."""
        names = (name for name in self.fields if not self.is_bound or self._is_remembered(name))
        return [self[name].as_hidden(only_initial=True) for name in names]

    def _is_meant(self, name: str, changed: Collection[str]) -> bool:
        """A program, or a page from before there was a memory, means all that it sends."""
        return name in changed or not (self.fields[name].disabled or self._is_remembered(name))

    def _is_remembered(self, name: str) -> bool:
        return self[name].html_initial_name in self.data

    @property
    def usual_region(self) -> str:
        """The region that the chosen time zone lies in, where it is another than the chosen one; it is never set by itself."""
        usual = usual_locale(str(self["time_zone"].value() or ""), language=self._language)
        return region_label(usual) if usual and usual != self["locale"].value() else ""
