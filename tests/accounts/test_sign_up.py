"""A customer makes an account on a marketplace and proves the address with a code."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.core import mail
from django.test import Client

from shared_apps.accounts.events import CustomerVerified
from shared_apps.accounts.forms import SignUpForm
from shared_apps.accounts.models import User
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import current_tenant, platform_scope, tenant_scope
from tests.factories.events import published
from tests.factories.people import PASSWORD, code_in_last_mail, is_signed_in, make_user
from tests.factories.racing import after_everybody, drop_unique, race
from tests.factories.tenants import ALPHA_ID

pytestmark = pytest.mark.usefixtures("mails_leave")

FORM = {"first_name": "Ada", "last_name": "Byron", "email": "ada@twin.example", "password1": PASSWORD}


def test_a_customer_signs_up_and_proves_the_address(alpha, alpha_client):
    sent = alpha_client.post("/accounts/signup/", FORM)
    before_the_code = is_signed_in(alpha_client)
    confirmed = alpha_client.post("/accounts/confirm-email/", {"action": "verify", "code": code_in_last_mail()})

    assert sent["Location"] == "/accounts/confirm-email/"
    assert before_the_code is False
    assert confirmed["Location"] == "/account/"
    assert is_signed_in(alpha_client)
    with tenant_scope(alpha):
        user = User.objects.get()
        assert (user.first_name, user.last_name, user.email) == ("Ada", "Byron", "ada@twin.example")
        assert EmailAddress.objects.get().verified is True


def test_the_marketplace_is_told_whose_address_is_proved(alpha, alpha_client):
    alpha_client.post("/accounts/signup/", FORM)
    before_the_code = published(CustomerVerified)
    alpha_client.post("/accounts/confirm-email/", {"action": "verify", "code": code_in_last_mail()})

    assert before_the_code == []
    with tenant_scope(alpha):
        user = User.objects.get()
    assert published(CustomerVerified, tenant_id=alpha.id) == [CustomerVerified(user_id=user.pk, email="ada@twin.example")]


def test_an_account_exists_on_one_marketplace_only(alpha, beta, alpha_client):
    alpha_client.post("/accounts/signup/", FORM)

    with tenant_scope(beta):
        assert User.objects.count() == 0
    with platform_scope(reason="test"):
        assert User.objects.count() == 0


def test_three_wrong_codes_end_the_try(alpha, alpha_client):
    alpha_client.post("/accounts/signup/", FORM)
    right = code_in_last_mail()
    for _ in range(3):
        alpha_client.post("/accounts/confirm-email/", {"action": "verify", "code": "WRONG-CODE"})

    alpha_client.post("/accounts/confirm-email/", {"action": "verify", "code": right})

    assert not is_signed_in(alpha_client)
    with tenant_scope(alpha):
        assert EmailAddress.objects.get().verified is False


def test_a_code_works_in_the_browser_that_asked_for_it_only(alpha, alpha_client, client):
    alpha_client.post("/accounts/signup/", FORM)

    answer = client.post(
        "/accounts/confirm-email/", {"action": "verify", "code": code_in_last_mail()}, headers={"host": alpha.primary_host}
    )

    assert answer["Location"] == "/accounts/login/"
    with tenant_scope(alpha):
        assert EmailAddress.objects.get().verified is False


def _essence(answer) -> tuple[int, str, str]:
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    return answer.status_code, answer.get("Location", ""), re.sub(r"[\w.]+@twin\.example", "…", body)


def test_a_known_and_an_unknown_address_get_the_same_answers(alpha, alpha_client, client):
    with tenant_scope(alpha):
        make_user("known@twin.example")

    answers = []
    for browser, email in ((alpha_client, "known@twin.example"), (client, "fresh@twin.example")):
        host = {"host": alpha.primary_host}
        answers.append(
            [
                _essence(browser.post("/accounts/signup/", FORM | {"email": email}, headers=host)),
                _essence(browser.get("/accounts/confirm-email/", headers=host)),
                _essence(browser.post("/accounts/confirm-email/", {"code": "WRONG-CODE"}, headers=host)),
            ]
        )

    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [["known@twin.example"], ["fresh@twin.example"]]
    assert "there is one already" in mail.outbox[0].body
    assert "your code is" in mail.outbox[1].body


def test_a_known_and_an_unknown_address_cost_the_same_hashing(alpha, alpha_client, client, monkeypatch):
    with tenant_scope(alpha):
        make_user("known@twin.example")
    hashed: list[str] = []
    hasher = type(hashers.get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda self, *args, **kwargs: hashed.append("once") or encode(self, *args, **kwargs))

    alpha_client.post("/accounts/signup/", FORM | {"email": "known@twin.example"})
    for_known = len(hashed)
    client.post("/accounts/signup/", FORM | {"email": "fresh@twin.example"}, headers={"host": alpha.primary_host})

    assert for_known == len(hashed) - for_known == 1


def test_signing_up_again_does_not_touch_the_account(alpha, alpha_client):
    with tenant_scope(alpha):
        make_user("known@twin.example", first_name="Grace")

    alpha_client.post("/accounts/signup/", FORM | {"email": "known@twin.example", "password1": "another long password"})

    with tenant_scope(alpha):
        user = User.objects.get()
        assert user.first_name == "Grace"
        assert user.check_password(PASSWORD)


def test_the_mail_bears_the_name_and_the_links_of_the_marketplace(alpha, alpha_client):
    with tenant_scope(alpha):
        make_user("known@twin.example")

    alpha_client.post("/accounts/signup/", FORM | {"email": "known@twin.example"}, headers={"host": "alpha.localhost:6666"})

    message = mail.outbox[-1]
    assert message.from_email == "Twin Market <hello@localhost>"
    assert message.subject == "You have an account at Twin Market"
    assert f"{alpha.base_url}/accounts/password/reset/" in message.body
    assert "6666" not in message.body


def test_a_weak_password_is_told_beside_the_field_and_nothing_typed_is_lost(alpha, alpha_client):
    answer = alpha_client.post("/accounts/signup/", FORM | {"password1": "password"})

    page = answer.content.decode()
    assert "too short" in page
    assert 'value="Byron"' in page
    with tenant_scope(alpha):
        assert User.objects.count() == 0


def test_on_the_platform_one_starts_a_marketplace_instead(platform_client):
    answer = platform_client.get("/accounts/signup/")
    platform_client.post("/accounts/signup/", FORM)

    assert "Start with a marketplace" in answer.content.decode()
    with platform_scope(reason="test"):
        assert User.objects.count() == 0


def test_no_confirmation_link_exists_that_a_stranger_could_have_sent(alpha_client):
    assert alpha_client.get("/accounts/confirm-email/some-key/").status_code == 404


@pytest.mark.proves("races.people")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_a_double_submit_makes_one_account(own_database, guarded, monkeypatch):
    """All have seen that nobody has the address; without the constraint (the negative control) each makes an account."""
    alpha = context_for(ALPHA_ID)
    assert isinstance(alpha, TenantContext)
    monkeypatch.setattr(SignUpForm, "clean_email", after_everybody(4, SignUpForm.clean_email))
    if not guarded:
        drop_unique(alpha, "user_email_unique")

    def submit(_number: int) -> int:
        return Client(headers={"host": current_tenant().primary_host}).post("/accounts/signup/", FORM).status_code

    answers = race(4, submit, tenant=alpha)

    assert all(answer in {302, 429} for answer in answers), answers
    with tenant_scope(alpha):
        assert User.objects.count() == EmailAddress.objects.count() == (1 if guarded else 4)
