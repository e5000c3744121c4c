"""The one form of sign-up."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kernel.emails import canonical_email
from kernel.errors import DomainError
from kernel.places import usual_locale
from provisioning.signup import market_kinds
from provisioning.types import OrganizationRequest
from shared_apps.plans.services import DEFAULT_PLAN
from webui.forms import Card, ColorField, RadioCards, SlugInput, StoaForm
from webui.places import currency_field, zone_field

_LONGEST_NAME = 80
_AS_USUAL = _("As usual for this kind")
# What the request calls by another name than the form.
_FIELDS = {
    "slug": "slug", "name": "name", "owner_email": "email", "blueprint": "kind", "brand_color": "brand",
    "time_zone": "time_zone", "currency": "currency",
}  # fmt: skip


def new_form_key() -> str:
    """Tells one visit to the form from another, so that sending it twice starts one organization."""
    return secrets.token_urlsafe(24)


# The zone tells the currency, which anybody may change after that.
PLACE_ATTRIBUTES: Final = {
    "data-browser-zone": True,
    "hx-get": "/start/place/",
    "hx-trigger": "change",
    "hx-target": "#currency-field",
    "hx-sync": "this:replace",
}


class SlugWithCheck(SlugInput):
    """The address being chosen, checked while it is typed."""

    def __init__(self) -> None:
        # Read at each use: tests and deployments have other domains.
        super().__init__(
            {
                "hx-get": "/start/name/",
                "hx-trigger": "input changed delay:300ms",
                "hx-target": "#name-answer",
                "hx-sync": "this:replace",
            },
            source="id_name",
            suffix=f".{settings.PLATFORM_DOMAIN}",
        )


class SignUpForm(StoaForm):
    """Who, what kind and which colour. Whether the address can be had is the registry's to say."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "placeholder": "you@example.org"}),
    )
    name = forms.CharField(
        label=_("Name of your organization"), max_length=_LONGEST_NAME, widget=forms.TextInput({"autocomplete": "organization"})
    )
    # Longer than a slug may be: the registry's own words say what is wrong with it.
    slug = forms.CharField(label=_("Address of your marketplace"), max_length=200, widget=SlugWithCheck)
    kind = forms.ChoiceField(
        label=_("What kind of market is it?"),
        widget=RadioCards,
        choices=lambda: [(kind.id, Card(kind.name, kind.tagline, icon=kind.icon)) for kind in market_kinds()],
        help_text=_("It fills your shelves to begin with. All of it can be changed."),
    )
    brand = ColorField(label=_("Your colour"))
    time_zone = zone_field(none=_AS_USUAL, **PLACE_ATTRIBUTES)
    currency = currency_field(none=_AS_USUAL)
    plan = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    key = forms.CharField(
        max_length=64,
        widget=forms.HiddenInput,
        validators=[RegexValidator(r"^[\w-]{16,64}$")],
        error_messages={
            "required": _("This form has grown stale. Send it once more."),
            "invalid": _("Send the form once more."),
        },
    )

    def __init__(self, *args: object, plan_codes: Sequence[str] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._plan_codes = plan_codes
        self.fields["brand"].widget.attrs |= {
            "hx-get": "/start/colour/",
            "hx-trigger": "input changed delay:150ms, change, change from:#id_name",
            "hx-target": "#colour-answer",
            "hx-include": "[name=name]",
            "hx-sync": "this:replace",
        }

    def clean(self) -> dict[str, Any]:  # Any: Django's own shape
        """An address that mail can be sent to; what Django calls one need not be."""
        cleaned = super().clean() or self.cleaned_data
        if "email" in cleaned:
            with self.telling():
                canonical_email(cleaned["email"])
        return cleaned

    def clean_plan(self) -> str:
        """A plan that is not on offer (any more) is no reason to turn somebody away."""
        return self.plan_or_usual(str(self.cleaned_data["plan"]))

    def plan_or_usual(self, code: str) -> str:
        """The plan of this code where it is on offer, else the usual one, else the smallest that is."""
        return next((one for one in (code, DEFAULT_PLAN, *self._plan_codes) if one in self._plan_codes), DEFAULT_PLAN)

    def as_request(self) -> OrganizationRequest:
        """What is asked for, once the form is valid."""
        given = self.cleaned_data
        return OrganizationRequest(
            slug=given["slug"],
            name=given["name"],
            owner_email=given["email"],
            blueprint=given["kind"],
            plan_code=given["plan"],
            brand_color=given["brand"],
            time_zone=given["time_zone"],
            currency=given["currency"],
            locale=usual_locale(given["time_zone"], language=(get_language() or "en").split("-")[0]) or "",
        )

    def blame(self, refusal: DomainError) -> None:
        """Write a refusal of the request beside the field that it is about."""
        self.add_error(_FIELDS.get(refusal.field or ""), refusal.message)
