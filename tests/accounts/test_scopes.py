"""No credential of one scope is worth anything in another, though the people are twins to the last byte (T5 to T7)."""

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.sessions.models import Session
from django.db import connection

from shared_apps.accounts import scoped_settings
from shared_apps.accounts.models import User
from shared_apps.accounts.tokens import ScopedTokenGenerator
from tenants.scope import platform_scope, tenant_scope
from tests.accounts.test_password_reset import ask, use
from tests.factories.people import is_signed_in, link_in_last_mail, make_twins, sign_in

pytestmark = pytest.mark.proves("isolation.replay")


@pytest.fixture(autouse=True)
def _twins(alpha, beta) -> None:
    make_twins([alpha, beta, None])


def test_the_twins_are_equal_to_the_last_byte(alpha, beta):
    rows = []
    for tenant in (alpha, beta):
        with tenant_scope(tenant):
            rows.append(User.objects.values("id", "public_id", "email", "password", "session_epoch").get())

    assert rows[0] == rows[1]


def test_a_session_cookie_of_alpha_opens_nothing_in_beta_nor_on_the_platform(
    alpha_client, beta_client, platform_client, settings
):
    sign_in(alpha_client)
    stolen = alpha_client.cookies[settings.SESSION_COOKIE_NAME].value
    for client in (beta_client, platform_client):
        client.cookies[settings.SESSION_COOKIE_NAME] = stolen

    assert is_signed_in(alpha_client)
    assert not is_signed_in(beta_client)
    assert not is_signed_in(platform_client)


def _copy_session(alpha, beta) -> None:
    with tenant_scope(alpha):
        row = Session.objects.get()
    with tenant_scope(beta), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, %s, %s)",
            [row.session_key, row.session_data, row.expire_date],
        )


def test_a_session_row_copied_into_beta_is_refused_there(alpha, beta, alpha_client, beta_client, settings):
    sign_in(alpha_client)
    _copy_session(alpha, beta)
    beta_client.cookies[settings.SESSION_COOKIE_NAME] = alpha_client.cookies[settings.SESSION_COOKIE_NAME].value

    assert not is_signed_in(beta_client)


@pytest.mark.control
def test_without_the_claim_the_copied_row_would_sign_in_the_twin(alpha, beta, alpha_client, beta_client, settings):
    """Negative control: plain database sessions accept the row, so it is the claim that refuses it."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    sign_in(alpha_client)
    _copy_session(alpha, beta)
    beta_client.cookies[settings.SESSION_COOKIE_NAME] = alpha_client.cookies[settings.SESSION_COOKIE_NAME].value

    assert is_signed_in(beta_client)


@pytest.mark.usefixtures("mails_leave")
def test_a_reset_link_of_alpha_is_refused_in_beta_and_on_the_platform(alpha_client, beta_client, platform_client):
    ask(alpha_client)
    link = link_in_last_mail()

    for client in (beta_client, platform_client):
        assert "does not work any more" in use(client, link).content.decode()
    assert use(alpha_client, link).status_code == 302


@pytest.mark.control
@pytest.mark.usefixtures("mails_leave")
def test_without_the_scope_in_the_token_the_link_would_open_the_twin(alpha_client, beta_client, monkeypatch):
    """Negative control: Django's own token is the same for both twins."""
    plain = ScopedTokenGenerator.__mro__[1]._make_hash_value
    monkeypatch.setattr(ScopedTokenGenerator, "_make_hash_value", plain)
    ask(alpha_client)

    assert use(beta_client, link_in_last_mail()).status_code == 302


def _confirmation_key() -> str:
    EmailAddress.objects.update(verified=False)
    return EmailConfirmationHMAC(EmailAddress.objects.get()).key


def test_a_confirmation_key_of_alpha_means_nothing_in_beta(alpha, beta):
    with tenant_scope(beta):
        EmailAddress.objects.update(verified=False)
    with tenant_scope(alpha):
        key = _confirmation_key()
        assert EmailConfirmationHMAC.from_key(key) is not None

    with tenant_scope(beta):
        assert EmailConfirmationHMAC.from_key(key) is None
    with platform_scope(reason="test"):
        assert EmailConfirmationHMAC.from_key(key) is None


@pytest.mark.control
def test_without_the_scoped_salt_the_key_would_confirm_the_twin(alpha, beta, monkeypatch):
    """Negative control: allauth's own salt is one for all."""
    monkeypatch.setattr(scoped_settings, "require_scope", lambda: type("Scope", (), {"key": "one for all"}))
    with tenant_scope(beta):
        EmailAddress.objects.update(verified=False)
    with tenant_scope(alpha):
        key = _confirmation_key()

    with tenant_scope(beta):
        assert EmailConfirmationHMAC.from_key(key) is not None


def test_a_password_changed_in_alpha_is_the_old_one_in_beta(alpha, beta, alpha_client, beta_client):
    with tenant_scope(alpha):
        user = User.objects.get()
        user.set_password("only in alpha now")
        user.save(update_fields=["password"])

    assert sign_in(alpha_client, password="only in alpha now").status_code == 302
    assert sign_in(beta_client, password="only in alpha now").status_code == 200
