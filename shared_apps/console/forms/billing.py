"""The form of who is billed: name, contacts, address, tax numbers."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from integrations.stripe.gateway.customers import Address
from kernel.emails import find_email
from shared_apps.billing.services import BillingDetails
from shared_apps.billing.types import TaxStatus
from webui.forms import StoaForm

_LINES: Final = {"rows": 3, "spellcheck": "false"}
_PARTS: Final = ("line1", "line2", "postal_code", "city", "state", "country")
_PAIR: Final = 2


class DetailsForm(StoaForm):
    """One address a line, and one tax number a line: Stripe's word for its kind, then the number."""

    name = forms.CharField(label=_("Who is billed"), max_length=120)
    contacts = forms.CharField(
        label=_("Billing contacts"),
        max_length=2000,
        widget=forms.Textarea(_LINES),
        help_text=_("One e-mail address a line. Stripe sends invoices to the first, reminders go to all."),
    )
    line1 = forms.CharField(label=_("Street and number"), max_length=200, required=False)
    line2 = forms.CharField(label=_("Further line"), max_length=200, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    state = forms.CharField(label=_("State or region"), max_length=100, required=False)
    country = forms.RegexField(r"^[A-Za-z]{2}$", label=_("Country"), required=False, help_text=_("Two letters: DE, GB, US."))
    tax_ids = forms.CharField(
        label=_("Tax numbers"),
        max_length=500,
        required=False,
        widget=forms.Textarea(_LINES),
        help_text=_("One a line, its kind first: eu_vat DE123456789, gb_vat GB123456789."),
    )
    tax_status = forms.ChoiceField(label=_("Tax"), choices=TaxStatus)
    reason = forms.CharField(label=_("Why"), max_length=500, required=False, help_text=_("Stands in the audit trail."))

    @classmethod
    def showing(cls, details: BillingDetails) -> DetailsForm:
        """As it is now."""
        address = {name: getattr(details.address, name) for name in _PARTS}
        numbers = "\n".join(f"{kind} {value}" for kind, value in details.tax_ids)
        initial = {"name": details.name, "contacts": "\n".join(details.contacts), "tax_ids": numbers}
        return cls(initial=address | initial | {"tax_status": details.tax_status})

    @property
    def address_fields(self) -> list[BoundField]:
        """The fields of the address."""
        return [self[name] for name in _PARTS]

    def details(self) -> BillingDetails:
        """What was filled in, once the form is valid."""
        read = self.cleaned_data
        address = Address(**{name: read[name] for name in _PARTS})
        return BillingDetails(read["name"], read["contacts"], address, read["tax_ids"], TaxStatus(read["tax_status"]))

    def clean_contacts(self) -> tuple[str, ...]:
        """Each is an address, and none stands there twice."""
        found: dict[str, None] = {}
        for line in str(self.cleaned_data["contacts"]).replace(",", "\n").splitlines():
            email = find_email(line)
            if line.strip() and email is None:
                raise ValidationError(_("“%(line)s” is no e-mail address.") % {"line": line.strip()})
            if email is not None:
                found[email] = None
        return tuple(found)

    def clean_country(self) -> str:
        """In capitals."""
        return str(self.cleaned_data["country"]).upper()

    def clean_tax_ids(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a kind and a number, written as Stripe keeps them."""
        found: dict[tuple[str, str], None] = {}
        for line in str(self.cleaned_data["tax_ids"]).splitlines():
            parts: list[Any] = line.split(maxsplit=1)  # Any: two texts
            if not parts:
                continue
            if len(parts) != _PAIR:
                raise ValidationError(_("Write the kind first, then the number: eu_vat DE123456789."))
            found[parts[0].lower(), "".join(parts[1].split()).upper()] = None
        return tuple(found)
