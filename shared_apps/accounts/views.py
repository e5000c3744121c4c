"""The signed-in person's own pages, and the guard that stands before every page of this app."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account.utils import perform_login
from allauth.account.views import PasswordResetFromKeyView, SignupView
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from redis.exceptions import RedisError

from kernel.emails import is_same_email
from kernel.errors import Unavailable
from shared_apps.accounts.forms import ProfileForm
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import has_verified_email
from shared_apps.accounts.services import sign_out_everywhere, take_newcomer, update_profile
from tenants.locale import COOKIE as LANGUAGE_COOKIE

View = Callable[..., HttpResponseBase]


def fail_closed(view: View) -> View:
    """Without Redis nobody's tries can be counted, so nobody signs in (F11); browsing goes on."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # Any: whatever the URL carries
        try:
            return view(request, *args, **kwargs)
        except RedisError as error:
            raise Unavailable(_("Signing in is not possible right now. Please try again in a few minutes.")) from error

    return guarded


class SignUp(SignupView):  # type: ignore[misc]  # allauth is untyped
    """allauth's page; it begins with what this browser's visitor has told elsewhere on the site (services.greet_newcomer)."""

    def get_initial(self) -> dict[str, Any]:  # Any: a form's values
        told = take_newcomer(session=self.request.session)
        asked: dict[str, Any] = super().get_initial()
        # The names belong to the address that was told with them.
        return told | asked if is_same_email(asked.get("email") or told.get("email", ""), told.get("email", "")) else asked


class PasswordFromLink(PasswordResetFromKeyView):  # type: ignore[misc]  # allauth is untyped
    """allauth's page behind the link of a reset; it knows whether there was a password before, and signs in."""

    @property
    def _is_first(self) -> bool:
        # Without a valid link there is nobody.
        user = getattr(self, "reset_user", None)
        return user is not None and not user.has_usable_password()

    @property
    def _asks_for_more(self) -> bool:
        user = getattr(self, "reset_user", None)
        return user is not None and bool(is_mfa_enabled(user))

    def get_form(self, form_class: Any = None) -> Any:  # Any: allauth's own form
        form = super().get_form(form_class)
        if self._is_first:
            form.fields["password1"].label = _("Password")
            form.fields["password2"].label = _("Password (again)")
        for field in form.fields.values():
            field.widget.attrs.pop("placeholder", None)
        return form

    def form_valid(self, form: Any) -> HttpResponse:  # Any: allauth's own form
        """The link came from the person's mailbox, so they are in; not with a second factor, which a mailbox is none of."""
        saved = super().form_valid(form)
        if self._asks_for_more:
            return cast("HttpResponse", saved)  # untyped upstream
        return cast("HttpResponse", perform_login(self.request, self.reset_user, email=self.reset_user.email))  # as above

    def get_context_data(self, **context: Any) -> dict[str, Any]:  # Any: a template's context
        told = {"is_first": self._is_first, "asks_for_more": self._asks_for_more}
        return super().get_context_data(**told, **context)  # type: ignore[no-any-return]  # as above


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Names, phone, language and time zone."""
    user = cast("User", request.user)  # login_required
    names = ("first_name", "last_name", "phone", "language", "time_zone")
    form = ProfileForm(request.POST or None, initial={name: getattr(user, name) for name in names})
    if request.method != "POST" or not form.is_valid():
        return _page(request, "accounts/profile.html", form=form)
    update_profile(user=user, **{name: str(form.cleaned_data[name]) for name in names})
    messages.success(request, _("Your profile is saved."))
    response = redirect("accounts_profile")
    if user.language:
        response.set_cookie(LANGUAGE_COOKIE, user.language, samesite="Lax")
    else:
        response.delete_cookie(LANGUAGE_COOKIE, samesite="Lax")
    return response


@login_required
@never_cache
def security(request: HttpRequest) -> HttpResponse:
    """Where one changes password and address, and ends all sessions."""
    user = cast("User", request.user)  # login_required
    return _page(
        request, "accounts/security.html", is_verified=has_verified_email(user), has_password=user.has_usable_password()
    )


@login_required
@require_POST
def sign_out_all(request: HttpRequest) -> HttpResponse:
    """End every session of this person."""
    sign_out_everywhere(user=cast("User", request.user))  # login_required
    request.session.flush()
    messages.success(request, _("You are signed out everywhere."))
    return redirect("account_login")


def _page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    layout = "layouts/page.html" if getattr(request, "tenant", None) else "layouts/platform.html"
    status = 422 if getattr(context.get("form"), "errors", None) else 200
    return render(request, template, {"account_layout": layout, **context}, status=status)
