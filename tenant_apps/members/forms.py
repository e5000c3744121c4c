"""Forms of this app's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shared_apps.accounts.services import check_new_password
from tenant_apps.members.services import check_invitable
from tenant_apps.members.types import Role
from webui.forms import StoaForm


class JoinForm(StoaForm):
    """What a new person gives when they accept."""

    first_name = forms.CharField(label=_("First name"), max_length=80, widget=forms.TextInput({"autocomplete": "given-name"}))
    last_name = forms.CharField(label=_("Last name"), max_length=80, widget=forms.TextInput({"autocomplete": "family-name"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:  # Any: passed to Django
        super().__init__(*args, **kwargs)
        self._email = email

    def clean(self) -> dict[str, Any]:  # Any: as Django's own
        """A password that is not easily guessed, least of all from the names."""
        cleaned = super().clean() or self.cleaned_data
        if "password" in cleaned:
            names = {name: cleaned.get(name, "") for name in ("first_name", "last_name")}
            with self.telling():
                check_new_password(cleaned["password"], email=self._email, **names)
        return cleaned


class InviteForm(StoaForm):
    """Whom to invite and as what."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: object, roles: list[Role], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(role.value, role.label) for role in roles]

    def clean(self) -> dict[str, Any]:  # Any: as Django's own
        """Nobody who is here, or invited already, in this role."""
        cleaned = super().clean() or self.cleaned_data
        if {"email", "role"} <= cleaned.keys():
            with self.telling():
                check_invitable(cleaned["email"], Role(cleaned["role"]))
        return cleaned


class RolesForm(StoaForm):
    """The staff roles of one person; none leaves a customer."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        choices=[(role.value, role.label) for role in (Role.OWNER, Role.MANAGER, Role.PROVIDER)],
        widget=forms.CheckboxSelectMultiple,
    )
