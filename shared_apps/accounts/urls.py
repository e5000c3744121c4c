"""Account pages, the same on the platform and on each marketplace. Only those of allauth's pages that we mean to have."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import URLPattern, path, re_path

from shared_apps.accounts import views
from shared_apps.accounts.views import fail_closed

urlpatterns: list[URLPattern] = [
    path("login/", fail_closed(allauth.login), name="account_login"),
    path("logout/", fail_closed(allauth.logout), name="account_logout"),
    path("inactive/", fail_closed(allauth.account_inactive), name="account_inactive"),
    path("signup/", fail_closed(views.SignUp.as_view()), name="account_signup"),
    path("reauthenticate/", fail_closed(allauth.reauthenticate), name="account_reauthenticate"),
    path("email/", fail_closed(allauth.email), name="account_email"),
    path("confirm-email/", fail_closed(allauth.email_verification_sent), name="account_email_verification_sent"),
    path("password/change/", fail_closed(allauth.password_change), name="account_change_password"),
    path("password/set/", fail_closed(allauth.password_set), name="account_set_password"),
    path("password/reset/", fail_closed(allauth.password_reset), name="account_reset_password"),
    path("password/reset/done/", fail_closed(allauth.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        fail_closed(allauth.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        fail_closed(views.PasswordFromLink.as_view()),
        name="account_reset_password_from_key",
    ),
    path("profile/", views.profile, name="accounts_profile"),
    path("security/", views.security, name="accounts_security"),
    path("sign-out-everywhere/", views.sign_out_all, name="accounts_sign_out_everywhere"),
]
