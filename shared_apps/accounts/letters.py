"""The mails of the account pages, made in a worker: links and codes are made here, and lie in no outbox (ADR 0001)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from shared_apps.accounts.events import AccountMailRequested
from shared_apps.accounts.letterhead import base_url, reply_to, sender, site_name
from shared_apps.accounts.models import User
from shared_apps.accounts.tokens import ScopedTokenGenerator
from tenants.context import TenantContext
from tenants.scope import require_scope
from tenants.signing import keyed_hash

# No vowels, so no words; no digits, so nothing to mistake for a letter. As allauth's own codes.
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
_CODE_LENGTH: Final = 8
RESET: Final = "account/email/password_reset_key"
# A code or link that is older than this opens nothing any more; a mail with it would only confuse.
_WORTH_SENDING: Final = {
    RESET: timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
    "account/email/email_confirmation": timedelta(minutes=15),
    "account/email/email_confirmation_signup": timedelta(minutes=15),
}
_ALWAYS: Final = timedelta(days=3)


def code_of(seed: str) -> str:
    """The verification code that follows from `seed` in this scope: eight letters, with a hyphen in the middle."""
    number = int(keyed_hash("verification code", seed), 16)
    letters = ""
    for _ in range(_CODE_LENGTH):
        number, rest = divmod(number, len(_LETTERS))
        letters += _LETTERS[rest]
    return f"{letters[:4]}-{letters[4:]}"


def life_of(event: AccountMailRequested) -> timedelta:
    """For how long after the request the mail is worth sending."""
    return _WORTH_SENDING.get(event.template, _ALWAYS)


def draw_letter(event: AccountMailRequested) -> EmailMultiAlternatives | None:
    """The mail in the language of whoever asked for it, or None when the person it is for is gone."""
    user = User.objects.filter(pk=event.user_id).first() if event.user_id is not None else None
    if event.user_id is not None and user is None:
        return None
    facts: dict[str, object] = {
        "email": event.email,
        "site_name": site_name(),
        "user": user,
        "code": code_of(event.code_seed) if event.code_seed else "",
        "signup_url": _link("account_signup"),
        "password_reset_url": _reset_link(user) if event.template == RESET and user else _link("account_reset_password"),
        **dict(zip(event.fact_names, event.fact_values, strict=True)),
    }
    with translation.override(event.language):
        subject = " ".join(render_to_string(f"{event.template}_subject.txt", facts).split())
        body = render_to_string(f"{event.template}_message.txt", facts).strip()
    # Who uses the link of a reset proves by that the address it went to, so it goes to no other than the present one.
    recipient = user.email if event.template == RESET and user else event.email
    return EmailMultiAlternatives(subject, body, sender(), [recipient], reply_to=reply_to())


def _reset_link(user: User) -> str:
    key = f"{user_pk_to_url_str(user)}-{ScopedTokenGenerator().make_token(user)}"
    return _link("account_reset_password_from_key", uidb36="UID", key="KEY").replace("UID-KEY", key)


def _link(name: str, **arguments: str) -> str:
    in_market = isinstance(require_scope(), TenantContext)
    urlconf = settings.ROOT_URLCONF if in_market else settings.PUBLIC_SCHEMA_URLCONF
    return base_url() + reverse(name, urlconf=urlconf, kwargs=arguments)
