"""Fits django-allauth to scopes: its mails, links, limits and landing pages are those of the marketplace, or the platform's."""

from __future__ import annotations

from functools import partial
from smtplib import SMTPException
from typing import Any, cast

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from kernel.errors import Unavailable
from shared_apps.accounts.letterhead import at_home, sender, site_name
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import landing_path
from shared_apps.accounts.services import announce_verified
from tenants.context import TenantContext
from tenants.locale import COOKIE as LANGUAGE_COOKIE
from tenants.scope import current_scope

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Named by ACCOUNT_ADAPTER. allauth makes one per request."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Customers sign up on a marketplace; on the platform one starts a marketplace instead."""
        del request
        return isinstance(current_scope(), TenantContext)

    def is_ajax(self, request: HttpRequest) -> bool:
        """No second, JSON-speaking face of the same pages: the API has its own."""
        del request
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only paths on this host. allauth would trust the request's Host with any port."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    # --- mails

    def get_from_email(self) -> str:
        return sender()

    def format_email_subject(self, subject: str) -> str:
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:  # Any: a template's context
        """Send one mail once the change it tells of is committed. Every link in it leads to the scope's own site."""
        links = {name: at_home(str(value)) for name, value in context.items() if name.endswith("_url")}
        facts = context | links | {"site_name": site_name(), "email": email}
        message = self.render_mail(template_prefix, email, facts)
        transaction.on_commit(partial(_send, message))

    # --- verification and passwords

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        with transaction.atomic():
            confirmed = bool(super().confirm_email(request, email_address))
            if confirmed:
                announce_verified(user_id=email_address.user_id, email=email_address.email)
        return confirmed

    def set_password(self, user: User, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])

    # --- limits

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # Any: allauth's own signature
        """Count the try before the password is looked at, alike for known and unknown addresses."""
        super().pre_authenticate(request, **credentials)
        if not ratelimit.consume(request, action="login_account", key=_account(credentials)):
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # Any: allauth's signature
        # allauth's own key holds the request's Host with its port, which the sender may choose afresh each time.
        return f"{_account(credentials)}|{self.get_client_ip(request)}"

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # Any: allauth's own signature
        del credentials
        log.warning("sign_in_refused", ip=self.get_client_ip(request))

    # --- landing

    def post_login(self, request: HttpRequest, user: User, **hook: Any) -> HttpResponse:  # Any: allauth's own signature
        response = cast("HttpResponse", super().post_login(request, user, **hook))  # untyped upstream
        if user.language:
            response.set_cookie(LANGUAGE_COOKIE, user.language, samesite="Lax")
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return landing_path(cast("User", request.user))  # allauth asks this of signed-in people only

    get_signup_redirect_url = get_login_redirect_url

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        del email_address
        return reverse("accounts_security")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        del request
        return reverse("accounts_security")


def _account(credentials: dict[str, Any]) -> str:  # Any: allauth's credentials
    return str(credentials.get("email", "")).lower()


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (SMTPException, OSError) as error:
        log.exception("account_mail_failed")
        raise Unavailable(_("We cannot send e-mail right now. Please try again in a few minutes.")) from error
