"""A new password by a link in a mail."""

import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from shared_apps.accounts.events import PersonProved
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import has_verified_email
from shared_apps.accounts.services import sign_out_everywhere
from tenants.scope import platform_scope, tenant_scope
from tests.factories.events import published
from tests.factories.people import PASSWORD, is_signed_in, link_in_last_mail, make_user, sign_in

pytestmark = pytest.mark.usefixtures("mails_leave")

NEW = "an even better horse"


def ask(client, email="ada@twin.example", **extra):
    return client.post("/accounts/password/reset/", {"email": email}, **extra)


def use(client, link: str, password: str = NEW):
    """Open the link, then send the form it leads to."""
    path = "/" + link.split("/", 3)[3]
    opened = client.get(path)
    if opened.status_code != 302:
        return opened
    return client.post(opened["Location"], {"password1": password, "password2": password})


@pytest.fixture
def ada(alpha) -> User:
    with tenant_scope(alpha):
        return make_user()


def _signed_in_elsewhere(alpha, password: str) -> Client:
    """Another browser, in which somebody tries this password."""
    browser = Client(headers={"host": alpha.primary_host})
    sign_in(browser, password=password)
    return browser


def test_the_link_sets_a_new_password(ada, alpha, alpha_client):
    ask(alpha_client)
    used = use(alpha_client, link_in_last_mail())

    assert used["Location"] == "/account/"
    assert is_signed_in(alpha_client)
    assert is_signed_in(_signed_in_elsewhere(alpha, NEW))
    assert not is_signed_in(_signed_in_elsewhere(alpha, PASSWORD))


def test_on_the_platform_too(platform_client):
    with platform_scope(reason="test"):
        make_user()
    ask(platform_client)

    use(platform_client, link_in_last_mail())

    assert is_signed_in(platform_client)
    assert mail.outbox[0].from_email == "Stoa <hello@localhost>"


def test_the_link_leads_to_the_marketplace_whatever_host_was_asked(ada, alpha, alpha_client):
    ask(alpha_client, headers={"host": "alpha.localhost:6666"})

    assert link_in_last_mail().startswith(f"{alpha.base_url}/accounts/password/reset/key/")


def test_a_link_works_once(ada, alpha_client):
    ask(alpha_client)
    link = link_in_last_mail()
    use(alpha_client, link)

    again = use(alpha_client, link, "yet another password")

    assert "does not work any more" in again.content.decode()


def test_a_link_is_worthless_after_an_hour(ada, alpha_client):
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False):
        ask(alpha_client)
        link = link_in_last_mail()
    with time_machine.travel("2026-06-01T13:00:01Z", tick=False):
        late = use(alpha_client, link)

    assert "does not work any more" in late.content.decode()


@pytest.mark.parametrize("password", [None, PASSWORD], ids=["a first password", "a new password"])
def test_the_link_proves_the_address_so_no_code_is_asked_for(platform_client, password):
    with platform_scope(reason="test"):
        owner = make_user(password=password, verified=False)
    ask(platform_client)

    use(platform_client, link_in_last_mail())

    with platform_scope(reason="test"):
        assert has_verified_email(owner)
    assert is_signed_in(platform_client)
    assert not [message for message in mail.outbox if "your code is" in message.body]


def test_without_the_link_an_unproved_address_still_needs_a_code(alpha, alpha_client):
    with tenant_scope(alpha):
        make_user(verified=False)

    sign_in(alpha_client)

    assert "your code is" in mail.outbox[0].body
    assert not is_signed_in(alpha_client)


@pytest.mark.parametrize(("password", "is_first"), [(None, True), (PASSWORD, False)])
def test_the_platform_hears_once_of_what_the_link_proved(platform_client, password, is_first):
    with platform_scope(reason="test"):
        owner = make_user(password=password, verified=False)
    ask(platform_client)

    use(platform_client, link_in_last_mail())

    assert [(event.user_id, event.is_first) for event in published(PersonProved)] == [(owner.pk, is_first)]


def test_a_first_password_of_a_proved_person_is_told_of_as_before(platform_client):
    with platform_scope(reason="test"):
        owner = make_user(password=None)
    ask(platform_client)

    use(platform_client, link_in_last_mail())

    assert [(event.user_id, event.is_first) for event in published(PersonProved)] == [(owner.pk, False)]


def test_a_mailbox_is_no_second_factor(ada, alpha, alpha_client):
    with tenant_scope(alpha):
        Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={"secret": "unread here"})
    ask(alpha_client)

    used = use(alpha_client, link_in_last_mail())

    assert used["Location"] == "/accounts/password/reset/key/done/"
    assert not is_signed_in(alpha_client)


@pytest.mark.parametrize(
    ("has_factor", "said", "unsaid"),
    [
        (False, "You are signed in here with it", "your second factor"),
        (True, "You then sign in with it and your second factor", "signed in here"),
    ],
)
def test_the_page_says_whether_the_new_password_is_all_it_takes(ada, alpha, alpha_client, has_factor, said, unsaid):
    if has_factor:
        with tenant_scope(alpha):
            Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={"secret": "unread here"})
    ask(alpha_client)

    shown = alpha_client.get("/" + link_in_last_mail().split("/", 3)[3], follow=True).content.decode()

    assert said in shown
    assert unsaid not in shown


def test_the_session_that_used_the_link_gets_a_name_of_its_own(ada, alpha_client, settings):
    ask(alpha_client)
    path = "/" + link_in_last_mail().split("/", 3)[3]
    form = alpha_client.get(path)["Location"]
    planted = alpha_client.cookies[settings.SESSION_COOKIE_NAME].value

    alpha_client.post(form, {"password1": NEW, "password2": NEW})

    assert alpha_client.cookies[settings.SESSION_COOKIE_NAME].value != planted


def test_the_link_goes_to_the_address_that_it_proves(ada, alpha, alpha_client):
    with tenant_scope(alpha):
        EmailAddress.objects.create(user=ada, email="former@twin.example", verified=False, primary=False)

    ask(alpha_client, "former@twin.example")

    assert [message.to for message in mail.outbox] == [["ada@twin.example"]]
    assert f"{alpha.base_url}/accounts/password/reset/key/" in mail.outbox[0].body


def test_signing_out_everywhere_makes_links_worthless(ada, alpha, alpha_client):
    ask(alpha_client)
    with tenant_scope(alpha):
        sign_out_everywhere(user=ada)

    assert "does not work any more" in use(alpha_client, link_in_last_mail()).content.decode()


def test_a_new_password_ends_other_sessions(ada, alpha, alpha_client, client):
    sign_in(client, headers={"host": alpha.primary_host})
    ask(alpha_client)
    use(alpha_client, link_in_last_mail())

    assert client.get("/accounts/security/", headers={"host": alpha.primary_host}).status_code == 302


def _essence(answer) -> tuple[int, str, str]:
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    return answer.status_code, answer.get("Location", ""), body


def test_a_known_and_an_unknown_address_get_the_same_answer_and_one_mail_each(ada, alpha_client):
    known = ask(alpha_client)
    unknown = ask(alpha_client, "nobody@twin.example")

    assert _essence(known) == _essence(unknown)
    assert [message.to for message in mail.outbox] == [["ada@twin.example"], ["nobody@twin.example"]]
    assert "There is no account" in mail.outbox[1].body


def test_a_mailbox_is_not_flooded(ada, alpha_client):
    answers = [ask(alpha_client, REMOTE_ADDR=f"203.0.113.{number}").status_code for number in range(6)]

    assert answers == [302] * 5 + [429]
    assert len(mail.outbox) == 5


def test_a_first_password_is_welcomed_and_not_called_a_new_one(platform_client):
    with platform_scope(reason="test"):
        make_user(password=None)

    asked = platform_client.get("/accounts/password/reset/", {"first": "1"}).content.decode()
    wrong = platform_client.post("/accounts/password/reset/?first=1", {"email": "ada"}).content.decode()
    ask(platform_client)
    link = link_in_last_mail()
    opened = platform_client.get(platform_client.get("/" + link.split("/", 3)[3])["Location"]).content.decode()
    use(platform_client, link)

    for page in (asked, wrong, opened):
        assert "Welcome. Choose a password" in page
        assert "Forgot" not in page
    assert mail.outbox[0].subject == "Choose your password for Stoa"
    assert "new password" not in (mail.outbox[0].body + opened).lower()
    assert is_signed_in(platform_client)


def test_who_had_a_password_is_told_of_a_new_one(ada, alpha_client):
    asked = alpha_client.get("/accounts/password/reset/").content.decode()
    ask(alpha_client)
    link = link_in_last_mail()
    opened = alpha_client.get(alpha_client.get("/" + link.split("/", 3)[3])["Location"]).content.decode()

    assert "Forgot your password?" in asked
    assert "Welcome" not in asked + opened + mail.outbox[0].body
    assert mail.outbox[0].subject.startswith("A new password for")
