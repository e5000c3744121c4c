"""What a signed-in person changes about themselves."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import mail
from django.utils import timezone

from shared_apps.accounts.events import CustomerVerified
from shared_apps.accounts.models import User
from shared_apps.accounts.services import sign_out_everywhere
from tenants.scope import platform_scope, tenant_scope
from tests.factories.events import published
from tests.factories.people import PASSWORD, code_in_last_mail, is_signed_in, make_twins, make_user, sign_in

pytestmark = pytest.mark.usefixtures("mails_leave")

NEW = "an even better horse"
PROFILE = {
    "first_name": "Augusta",
    "last_name": "King",
    "phone": "+44 131 496 0000",
    "language": "fr",
    "time_zone": "Europe/Paris",
}


@pytest.fixture
def ada(alpha) -> User:
    with tenant_scope(alpha):
        return make_user()


@pytest.fixture
def browser(ada, alpha_client):
    sign_in(alpha_client)
    return alpha_client


@pytest.mark.parametrize("path", ["profile/", "security/", "email/", "password/change/", "password/set/", "reauthenticate/"])
def test_a_stranger_is_sent_to_sign_in(alpha_client, path):
    answer = alpha_client.get(f"/accounts/{path}")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("path", ["profile/", "security/", "email/", "password/change/", "reauthenticate/", "logout/"])
def test_every_page_shows_itself(browser, path):
    assert browser.get(f"/accounts/{path}").status_code == 200


def test_the_profile_is_saved(browser, ada, alpha):
    answer = browser.post("/accounts/profile/", PROFILE)

    assert answer["Location"] == "/accounts/profile/"
    with tenant_scope(alpha):
        user = User.objects.get()
        assert (user.first_name, user.last_name, user.phone.as_e164) == ("Augusta", "King", "+441314960000")
        assert (user.language, user.time_zone) == ("fr", "Europe/Paris")


def test_the_language_counts_at_once(browser):
    browser.post("/accounts/profile/", PROFILE)

    assert '<html lang="fr"' in browser.get("/accounts/profile/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"), [("phone", "12"), ("time_zone", "Europe/Atlantis"), ("language", "xx"), ("first_name", "")]
)
def test_nonsense_is_told_beside_the_field_and_nothing_typed_is_lost(browser, alpha, field, value):
    answer = browser.post("/accounts/profile/", PROFILE | {field: value})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page
    assert 'value="King"' in page
    with tenant_scope(alpha):
        assert User.objects.get().last_name == ""


def test_the_twin_keeps_their_profile(alpha, beta, alpha_client):
    make_twins([alpha, beta])
    sign_in(alpha_client)

    alpha_client.post("/accounts/profile/", PROFILE)

    with tenant_scope(beta):
        assert User.objects.get().first_name == ""


def test_a_changed_password_keeps_this_session_and_ends_the_others(browser, alpha, client):
    sign_in(client, headers={"host": alpha.primary_host})

    answer = browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert answer["Location"] == "/accounts/security/"
    assert is_signed_in(browser)
    assert client.get("/accounts/security/", headers={"host": alpha.primary_host}).status_code == 302
    assert mail.outbox[-1].subject == "Your password at Twin Market was changed"


def test_the_old_password_is_asked_for(browser, alpha):
    browser.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW})

    with tenant_scope(alpha):
        assert User.objects.get().check_password(PASSWORD)


def test_signing_out_everywhere_ends_every_session(browser, alpha, client):
    sign_in(client, headers={"host": alpha.primary_host})

    answer = browser.post("/accounts/sign-out-everywhere/")

    assert answer["Location"] == "/accounts/login/"
    assert not is_signed_in(browser)
    assert client.get("/accounts/security/", headers={"host": alpha.primary_host}).status_code == 302
    assert sign_in(browser).status_code == 302


def test_without_the_epoch_in_the_session_they_would_go_on(ada, alpha, alpha_client, monkeypatch):
    """Negative control: Django's own hash knows of no epoch."""
    monkeypatch.setattr(User, "_get_session_auth_hash", AbstractBaseUser._get_session_auth_hash)
    sign_in(alpha_client)
    with tenant_scope(alpha):
        sign_out_everywhere(user=ada)

    assert is_signed_in(alpha_client)


def test_a_new_secret_key_keeps_sessions_while_the_old_one_is_a_fallback(browser, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a fresh key that is long enough to be a key of some size"

    assert is_signed_in(browser)


def test_signing_out_everywhere_leaves_the_twin_alone(alpha, beta, alpha_client, beta_client):
    make_twins([alpha, beta])
    sign_in(alpha_client)
    sign_in(beta_client)

    alpha_client.post("/accounts/sign-out-everywhere/")

    assert not is_signed_in(alpha_client)
    assert is_signed_in(beta_client)


def _confirm_password(browser, answer):
    """The reauthentication that stands before a change of address; it goes on with the form that was sent."""
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    return browser.post(answer["Location"], {"password": PASSWORD})


def test_a_new_address_counts_once_its_code_is_entered(browser, alpha):
    asked = browser.post("/accounts/email/", {"email": "countess@twin.example", "action_add": "1"})
    sent = _confirm_password(browser, asked)
    with tenant_scope(alpha):
        before_the_code = User.objects.get().email
    browser.post("/accounts/confirm-email/", {"action": "verify", "code": code_in_last_mail()})

    assert sent["Location"] == "/accounts/confirm-email/"
    assert before_the_code == "ada@twin.example"
    with tenant_scope(alpha):
        assert User.objects.get().email == "countess@twin.example"
        assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("countess@twin.example", True, True)]
    assert [event.email for event in published(CustomerVerified)] == ["countess@twin.example"]
    assert [(message.to, message.subject) for message in mail.outbox[-1:]] == [
        (["ada@twin.example"], "Your address at Twin Market was changed")
    ]


def test_another_persons_address_is_not_told_and_not_taken(browser, alpha):
    with tenant_scope(alpha):
        make_user("grace@twin.example")

    asked = browser.post("/accounts/email/", {"email": "grace@twin.example", "action_add": "1"})
    sent = _confirm_password(browser, asked)
    browser.post("/accounts/confirm-email/", {"action": "verify", "code": code_in_last_mail()})

    assert sent["Location"] == "/accounts/confirm-email/"
    with tenant_scope(alpha):
        assert sorted(User.objects.values_list("email", flat=True)) == ["ada@twin.example", "grace@twin.example"]


def test_the_page_of_somebody_without_a_password_offers_to_set_one(alpha, alpha_client):
    with tenant_scope(alpha):
        user = make_user(password=None)
        alpha_client.force_login(user)

    assert "Set a password" in alpha_client.get("/accounts/security/").content.decode()
    assert alpha_client.get("/accounts/password/set/").status_code == 200


def test_on_the_platform_the_pages_work_too(platform_client):
    with platform_scope(reason="test"):
        make_user()
    sign_in(platform_client)

    platform_client.post("/accounts/profile/", PROFILE)

    with platform_scope(reason="test"):
        assert User.objects.get().first_name == "Augusta"
    assert is_signed_in(platform_client)


def test_the_password_is_not_asked_for_twice_within_ten_minutes(browser):
    new_address = {"email": "countess@twin.example", "action_add": "1"}
    _confirm_password(browser, browser.post("/accounts/email/", new_address))

    soon = browser.get("/accounts/email/")
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        late = browser.post("/accounts/email/", new_address)

    assert soon.status_code == 200
    assert late["Location"].startswith("/accounts/reauthenticate/")
