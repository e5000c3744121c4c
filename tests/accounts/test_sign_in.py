"""Signing in and out, on the platform and on each marketplace."""

import re

import pytest
from django.contrib.auth import hashers
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from shared_apps.accounts.models import User
from shared_apps.operators.models import Operator
from tenant_apps.members.models import Membership
from tenants.scope import platform_scope, tenant_scope
from tests.factories.people import PASSWORD, is_signed_in, make_user, sign_in


@pytest.fixture
def ada(alpha) -> User:
    with tenant_scope(alpha):
        return make_user()


def test_a_customer_signs_in_and_lands_on_their_account(ada, alpha_client):
    answer = sign_in(alpha_client)

    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert is_signed_in(alpha_client)


@pytest.mark.parametrize("role", ["owner", "manager", "provider"])
def test_staff_lands_in_the_backoffice(ada, alpha, alpha_client, role):
    with tenant_scope(alpha):
        Membership.objects.create(user=ada, role=role)

    assert sign_in(alpha_client)["Location"] == "/manage/"


def test_an_operator_lands_in_the_console(platform_client):
    with platform_scope(reason="test"):
        Operator.objects.create(user=make_user())

    assert sign_in(platform_client)["Location"] == "/console/"


def test_an_owner_lands_on_their_marketplaces(platform_client):
    with platform_scope(reason="test"):
        make_user()

    assert sign_in(platform_client)["Location"] == "/account/"


def test_letters_in_the_address_may_be_large(ada, alpha_client):
    assert sign_in(alpha_client, "Ada@Twin.Example").status_code == 302


def test_the_way_goes_on_to_a_page_of_this_host(ada, alpha_client):
    answer = alpha_client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD, "next": "/accounts/profile/"})

    assert answer["Location"] == "/accounts/profile/"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "http://alpha.localhost:8001/", "javascript:alert(1)", "/\\evil.example"],
)
def test_the_way_never_goes_on_to_another_host(ada, alpha_client, target):
    answer = alpha_client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD, "next": target})

    assert answer["Location"] == "/account/"


def test_signing_out_ends_the_session(ada, alpha_client):
    sign_in(alpha_client)

    answer = alpha_client.post("/accounts/logout/")

    assert answer["Location"] == "/"
    assert not is_signed_in(alpha_client)


def test_a_visit_does_not_sign_out(ada, alpha_client):
    sign_in(alpha_client)

    alpha_client.get("/accounts/logout/")

    assert is_signed_in(alpha_client)


def test_somebody_switched_off_is_out_at_once(ada, alpha, alpha_client):
    sign_in(alpha_client)
    with tenant_scope(alpha):
        User.objects.update(is_active=False)

    assert not is_signed_in(alpha_client)
    assert sign_in(alpha_client)["Location"] == "/accounts/inactive/"


def _essence(answer) -> tuple[int, str]:
    """Status and body, without what differs from one load to the next, and without the address as it was typed."""
    body = answer.content.decode()
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", body)
    return answer.status_code, re.sub(r"[\w.]+@twin\.example", "…", body)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(ada, alpha_client):
    wrong = sign_in(alpha_client, password="not the password")
    unknown = sign_in(alpha_client, "nobody@twin.example", "not the password")

    assert _essence(wrong) == _essence(unknown)
    assert "are not correct" in wrong.content.decode()


def test_a_wrong_password_and_an_unknown_address_cost_the_same_hashing(ada, alpha_client, monkeypatch):
    hashed: list[str] = []
    hasher = type(hashers.get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda self, *args, **kwargs: hashed.append("once") or encode(self, *args, **kwargs))

    sign_in(alpha_client, password="not the password")
    for_known = len(hashed)
    sign_in(alpha_client, "nobody@twin.example", "not the password")

    assert for_known == 1
    assert len(hashed) - for_known == 1


def test_five_wrong_passwords_close_the_account_to_this_address_of_the_net_only(ada, alpha_client):
    for _ in range(5):
        sign_in(alpha_client, password="not the password")

    refused = sign_in(alpha_client)
    elsewhere = sign_in(alpha_client, REMOTE_ADDR="203.0.113.9")

    assert "Too many failed login attempts" in refused.content.decode()
    assert elsewhere.status_code == 302


def test_another_port_in_the_host_header_buys_no_more_tries(ada, alpha_client):
    for number in range(5):
        sign_in(alpha_client, password="not the password", headers={"host": f"alpha.localhost:{8000 + number}"})

    assert "Too many failed login attempts" in sign_in(alpha_client).content.decode()


def test_many_addresses_of_the_net_together_may_not_guess_for_ever(ada, alpha_client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_account": "8/h/key"}
    for number in range(8):
        sign_in(alpha_client, password="not the password", REMOTE_ADDR=f"203.0.113.{number}")

    assert "Too many failed login attempts" in sign_in(alpha_client, REMOTE_ADDR="203.0.113.99").content.decode()


def test_a_stranger_from_many_addresses_does_not_lock_a_person_out_of_their_own_browser(ada, alpha_client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_account": "8/h/key"}
    sign_in(alpha_client)
    alpha_client.post("/accounts/logout/")
    stranger = Client(headers={"host": "alpha.localhost"})
    for number in range(9):
        sign_in(stranger, password="not the password", REMOTE_ADDR=f"203.0.113.{number}")

    assert sign_in(stranger, REMOTE_ADDR="203.0.113.99").status_code == 200
    assert sign_in(alpha_client).status_code == 302


def test_a_browser_is_known_for_the_account_that_was_signed_in_there_only(ada, alpha, alpha_client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_account": "3/h/key"}
    with tenant_scope(alpha):
        make_user("mallory@twin.example")
    sign_in(alpha_client, "mallory@twin.example")
    alpha_client.post("/accounts/logout/")
    for number in range(3):
        sign_in(alpha_client, password="not the password", REMOTE_ADDR=f"203.0.113.{number}")

    assert "Too many failed login attempts" in sign_in(alpha_client, REMOTE_ADDR="203.0.113.99").content.decode()


def test_the_mark_of_one_marketplace_is_worth_nothing_in_its_twin(ada, beta, alpha_client, beta_client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_account": "2/h/key"}
    with tenant_scope(beta):
        make_user()
    sign_in(alpha_client)
    beta_client.cookies["known_browser"] = alpha_client.cookies["known_browser"].value
    for number in range(2):
        sign_in(beta_client, password="not the password", REMOTE_ADDR=f"203.0.113.{number}")

    assert sign_in(beta_client, REMOTE_ADDR="203.0.113.99").status_code == 200


def test_signing_in_uses_up_none_of_the_tries(ada, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_account": "2/h/key"}

    statuses = [sign_in(Client(headers={"host": "alpha.localhost"})).status_code for _ in range(5)]

    assert statuses == [302] * 5


def test_limits_of_one_marketplace_say_nothing_in_its_twin(ada, beta, alpha_client, beta_client):
    with tenant_scope(beta):
        make_user()
    for _ in range(5):
        sign_in(alpha_client, password="not the password")

    assert sign_in(beta_client).status_code == 302


def test_limits_are_the_same_for_an_unknown_address(alpha_client):
    for _ in range(5):
        sign_in(alpha_client, "nobody@twin.example")

    assert "Too many failed login attempts" in sign_in(alpha_client, "nobody@twin.example").content.decode()


def test_without_redis_nobody_signs_in(ada, alpha_client, monkeypatch):
    def gone(*_args, **_kwargs):
        raise RedisConnectionError("down")

    monkeypatch.setattr("tenants.cache.TenantCache.add", gone)

    answer = sign_in(alpha_client)

    assert answer.status_code == 503
    assert not is_signed_in(alpha_client)


def test_who_never_proved_the_address_is_asked_for_a_code(alpha, alpha_client, mails_leave, mailoutbox):
    with tenant_scope(alpha):
        make_user(verified=False)

    answer = sign_in(alpha_client)

    assert answer["Location"] == "/accounts/confirm-email/"
    assert [mail.to for mail in mailoutbox] == [["ada@twin.example"]]
    assert not is_signed_in(alpha_client)


def test_the_pages_speak_for_the_marketplace(alpha_client, platform_client):
    on_alpha = alpha_client.get("/accounts/login/").content.decode()
    on_platform = platform_client.get("/accounts/login/").content.decode()

    assert "Good to see you at Twin Market" in on_alpha
    assert "Good to see you at Stoa" in on_platform
    assert "/accounts/signup/" in on_alpha
    assert "/accounts/signup/" not in on_platform
