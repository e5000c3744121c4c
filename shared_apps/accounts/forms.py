"""Forms of the account pages; allauth's where they do what we need."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm, SignupForm
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from shared_apps.accounts.models import User
from shared_apps.accounts.services import choose_password_by_link
from webui.places import zone_field

_NAME_LENGTH: Final = 80
_AS_HERE: Final = _("As this site does")


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth is untyped
    """E-mail address and password; labels instead of placeholders, the way to a reset is the page's own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: allauth's own signature
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.fields["login"].label = _("E-mail")
        _drop_placeholders(self)

    def clean_login(self) -> str:
        return str(get_adapter().clean_email(self.cleaned_data["login"]))


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]  # allauth is untyped
    """Whose password was forgotten."""

    def clean_email(self) -> str:
        # allauth looks the cleaned address up, but hands on the typed one, and the letter with the link goes there.
        self.cleaned_data["email"] = get_adapter().clean_email(self.cleaned_data["email"])
        return str(super().clean_email())


class PasswordByLinkForm(ResetPasswordKeyForm):  # type: ignore[misc]  # allauth is untyped
    """The password of somebody who came by a link in a letter."""

    def save(self) -> None:
        choose_password_by_link(user=self.user, password=self.cleaned_data["password1"])


class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth is untyped
    """A customer's names, address and password."""

    field_order = ("first_name", "last_name", "email", "password1")
    account_already_exists: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: allauth's own signature
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        _drop_placeholders(self)

    first_name = forms.CharField(
        label=_("First name"), max_length=_NAME_LENGTH, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=_NAME_LENGTH, widget=forms.TextInput({"autocomplete": "family-name"})
    )

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """The new user; or, for a known address, None and the same answer as for a new one, at the same cost."""
        if self.account_already_exists:
            return self._answer_alike(request)
        try:
            with transaction.atomic():
                return super().try_save(request)  # type: ignore[no-any-return]  # allauth is untyped
        except IntegrityError:
            # The other one of a double submit was first.
            self.account_already_exists = True
            return self._answer_alike(request)

    def _answer_alike(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        make_password(self.cleaned_data["password1"])
        return super().try_save(request)  # type: ignore[no-any-return]  # allauth is untyped


class ProfileForm(forms.Form):
    """What a person says of themselves."""

    first_name = forms.CharField(
        label=_("First name"), max_length=_NAME_LENGTH, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=_NAME_LENGTH, required=False, widget=forms.TextInput({"autocomplete": "family-name"})
    )
    phone = PhoneNumberField(
        label=_("Phone"),
        required=False,
        help_text=_("With the country code, such as +44 131 496 0000."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = zone_field(none=_AS_HERE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own signature
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [("", _AS_HERE), *settings.LANGUAGES]


def _drop_placeholders(form: forms.Form) -> None:
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
