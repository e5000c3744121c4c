"""What a customer fills in: who they are, and why they call a booking off."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.emails import canonical_email
from tenant_apps.bookings.rules import clean_phone, region_of
from tenant_apps.bookings.rules.customers import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MAX_NOTE_LENGTH
from tenant_apps.bookings.types import CustomerDetails
from tenants.scope import current_tenant
from webui.forms import StoaForm

MAX_REASON_LENGTH: Final = 500


def _text(purpose: str, **attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": purpose, **attributes})


class DetailsForm(StoaForm):
    """Who books. The names of the fields are those that services blame."""

    first_name = forms.CharField(label=_("First name"), max_length=MAX_NAME_LENGTH, widget=_text("given-name"))
    last_name = forms.CharField(label=_("Last name"), max_length=MAX_NAME_LENGTH, widget=_text("family-name"))
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=MAX_EMAIL_LENGTH,
        help_text=_("Your confirmation goes here, with a link to move or cancel."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        help_text=_("Only in case something changes at the last minute."),
        widget=_text("tel", type="tel", inputmode="tel"),
    )
    note = forms.CharField(
        label=_("Anything we should know?"),
        max_length=MAX_NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:  # Any: Django's own shape
        """A number that can be called, and an address that mail can be sent to; what Django calls one need not be."""
        cleaned = super().clean() or self.cleaned_data
        if "phone" in cleaned:
            with self.telling():
                clean_phone(cleaned["phone"], region=region_of(current_tenant().locale))
        if "email" in cleaned:
            with self.telling():
                canonical_email(cleaned["email"])
        return cleaned

    def details(self, *, time_zone: str, language: str) -> CustomerDetails:
        """What was typed, for the service."""
        typed: dict[str, Any] = self.cleaned_data  # Any: Django's own shape
        return CustomerDetails(**{name: typed[name] for name in self.fields}, time_zone=time_zone, language=language)


class FindForm(StoaForm):
    """Under which address somebody booked."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=MAX_EMAIL_LENGTH,
        help_text=_("The one that you gave when you booked."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ReasonForm(StoaForm):
    """Why a booking is called off; nobody has to say."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON_LENGTH,
        required=False,
        help_text=_("It is sent to the other side."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )
