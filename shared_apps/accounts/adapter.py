"""Fits django-allauth to scopes: its mails, links, limits and landing pages are those of the marketplace, or the platform's."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any, Final, cast

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit  # the public module cannot give a try back
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from kernel import clock
from kernel.emails import InvalidEmail, canonical_email
from kernel.events import publish
from shared_apps.accounts.events import AccountMailRequested
from shared_apps.accounts.known_browsers import is_known_browser, remember_browser
from shared_apps.accounts.letters import code_of
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import landing_path
from shared_apps.accounts.services import announce_verified, write_password
from tenants.context import TenantContext
from tenants.locale import COOKIE as LANGUAGE_COOKIE
from tenants.scope import current_scope

log = structlog.get_logger(__name__)

# What the mails say beside names, links and codes.
_FACTS: Final = ("ip", "user_agent", "from_email", "to_email", "deleted_email")


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

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:  # Any: a template's context
        """Ask for one mail once the change it tells of is committed: no mail server is waited for in a request.

        Known and unknown addresses cost one row each, so the time tells nothing of who is here.
        """
        facts = {name: str(context[name]) for name in _FACTS if name in context}
        user = context.get("user")
        with transaction.atomic():
            publish(
                AccountMailRequested(
                    template=template_prefix,
                    email=email,
                    user_id=user.pk if user is not None else None,
                    language=get_language() or settings.LANGUAGE_CODE,
                    requested_at=clock.now(),
                    code_seed=self.request.code_seed if "code" in context else "",
                    fact_names=tuple(facts),
                    fact_values=tuple(facts.values()),
                )
            )

    def generate_email_verification_code(self) -> str:
        """A code that the worker, too, can make: of a seed that is worth nothing without the scope's key."""
        self.request.code_seed = token_urlsafe(16)
        return code_of(self.request.code_seed)

    # --- addresses, verification and passwords

    def clean_email(self, email: str) -> str:
        """The one form in which allauth's forms compare, store and write to what was typed."""
        try:
            return canonical_email(email)
        except InvalidEmail as error:
            raise ValidationError(error.message, code=error.code) from error

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        with transaction.atomic():
            confirmed = bool(super().confirm_email(request, email_address))
            if confirmed:
                announce_verified(user=email_address.user, email=email_address.email)
        return confirmed

    def set_password(self, user: User, password: str) -> None:
        write_password(user=user, password=password)

    # --- limits

    # The usage that allauth counted, which it can give back; untyped upstream.
    _try_of_account: Any = None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:  # Any: allauth's own signature
        """Whom the credentials belong to. Who knows the password uses up none of the account's tries."""
        user = cast("User | None", super().authenticate(request, **credentials))  # untyped upstream
        if user is not None and self._try_of_account is not None:
            self._try_of_account.rollback()
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # Any: allauth's own signature
        """Count the try before the password is looked at, alike for known and unknown addresses.

        A browser in which this account was signed in before is not held to the tries that others make from elsewhere; its
        own are counted by its address of the net.
        """
        self._try_of_account = None
        super().pre_authenticate(request, **credentials)
        if is_known_browser(request, email=_account(credentials)):
            return
        self._try_of_account = ratelimit.consume(
            request, app="allauth.account", action="login_account", key=_account(credentials)
        )
        if not self._try_of_account:
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
        remember_browser(response, email=user.email)
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
    # In its one form already: the form of the page saw to it.
    return str(credentials.get("email", ""))
