"""The mails of the account pages leave by the outbox: no request waits for a mail server, and no secret waits in a row."""

import re
from dataclasses import replace
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
import time_machine
from django.core import mail

from kernel import clock
from kernel.errors import TemporaryFailure
from kernel.outbox.models import MessageState, OutboxMessage
from shared_apps.accounts.events import AccountMailRequested
from shared_apps.accounts.handlers import write_account_mail
from shared_apps.accounts.models import User
from tenant_apps.members.types import Role
from tenants.scope import platform_scope, tenant_scope
from tests.factories.events import published
from tests.factories.people import PASSWORD, code_in_last_mail, link_in_last_mail, make_user
from tests.kernel.outbox_messages import deliver_due
from tests.members.helpers import make_member

FORM = {"first_name": "Ada", "last_name": "Byron", "email": "ada@twin.example", "password1": PASSWORD}


@pytest.fixture
def ada(alpha) -> User:
    with tenant_scope(alpha):
        return make_user()


def _ask(client, email: str):
    return client.post("/accounts/password/reset/", {"email": email})


def _send(alpha) -> None:
    (event,) = published(AccountMailRequested)
    with tenant_scope(alpha):
        write_account_mail(event)


def _break(monkeypatch, error: Exception) -> None:
    def down(_message, *_args, **_kwargs):
        raise error

    monkeypatch.setattr("django.core.mail.EmailMessage.send", down)


def test_a_request_sends_nothing_itself(ada, alpha, alpha_client, monkeypatch):
    with monkeypatch.context() as broken:
        _break(broken, AssertionError("sent in a request"))
        answer = _ask(alpha_client, ada.email)
        signed_up = alpha_client.post("/accounts/signup/", FORM | {"email": "new@twin.example"})

    assert (answer.status_code, signed_up.status_code) == (302, 302)
    assert mail.outbox == []
    assert [event.email for event in published(AccountMailRequested, tenant_id=alpha.id)] == [ada.email, "new@twin.example"]


@pytest.mark.parametrize("email", ["ada@twin.example", "stranger@twin.example"])
@pytest.mark.parametrize(("contact", "answers"), [("", []), ("hello@twin.example", ["hello@twin.example"])])
def test_an_account_mail_tells_nobody_the_owners_address(ada, alpha, alpha_client, email, contact, answers):
    with tenant_scope(alpha):
        make_member("owner@twin.example", Role.OWNER)
    _ask(alpha_client, email)

    _send(replace(alpha, content={"contact_email": contact}))

    assert (mail.outbox[0].to, mail.outbox[0].reply_to) == ([email], answers)


@pytest.mark.parametrize("error", [ConnectionRefusedError(), SMTPServerDisconnected("gone")])
def test_a_mail_server_that_is_down_is_tried_again_and_costs_nobody_their_page(ada, alpha, alpha_client, monkeypatch, error):
    assert _ask(alpha_client, ada.email).status_code == 302

    with monkeypatch.context() as broken:
        _break(broken, error)
        with pytest.raises(TemporaryFailure):
            _send(alpha)
    _send(alpha)

    assert "/accounts/password/reset/key/" in link_in_last_mail()


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (SMTPRecipientsRefused({"ada@twin.example": (550, b"no such user")}), MessageState.DONE),
        (SMTPRecipientsRefused({"ada@twin.example": (450, b"later")}), MessageState.PENDING),
    ],
)
def test_an_address_that_is_refused_for_good_is_not_tried_again(ada, alpha, alpha_client, monkeypatch, caplog, error, state):
    """The other one, refused for now, is the control: the outbox tries it once more."""
    tried: list[str] = []

    def refuse(message, *_args, **_kwargs):
        tried.extend(message.to)
        raise error

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    monkeypatch.setattr("tests.factories.events.ignore", write_account_mail)
    _ask(alpha_client, ada.email)

    deliver_due(limit=1)

    with platform_scope(reason="test"):
        message = OutboxMessage.objects.get(event_type=AccountMailRequested.event_type)
    assert (tried, message.attempts, message.state) == ([ada.email], 1, state)
    assert ("account_mail_refused" in caplog.text) is (state == MessageState.DONE)


def test_no_row_of_the_outbox_holds_a_code_or_a_link(alpha, alpha_client, mails_leave):
    alpha_client.post("/accounts/signup/", FORM)
    code = code_in_last_mail()
    _ask(alpha_client, FORM["email"])
    token = link_in_last_mail().rstrip("/").split("-", 1)[1]

    with platform_scope(reason="test"):
        rows = str(list(OutboxMessage.objects.values_list("payload", flat=True)))
    assert len(published(AccountMailRequested)) == 2
    assert code not in rows
    assert token not in rows


def test_a_code_is_worth_nothing_without_the_scopes_key(alpha, beta, alpha_client):
    alpha_client.post("/accounts/signup/", FORM)
    (event,) = published(AccountMailRequested)

    codes = []
    for scope in (alpha, beta):
        with tenant_scope(scope):
            User.objects.get_or_create(pk=event.user_id, defaults={"email": event.email})
            write_account_mail(event)
        codes.append(code_in_last_mail())

    assert codes[0] != codes[1]
    assert all(re.fullmatch(r"[B-Z]{4}-[B-Z]{4}", code) for code in codes)


@pytest.mark.parametrize(
    ("email", "words"), [("ada@twin.example", "password/reset/key"), ("nobody@twin.example", "no account")]
)
def test_known_and_unknown_people_cost_one_row_each(ada, alpha, alpha_client, email, words):
    _ask(alpha_client, email)

    _send(alpha)
    assert words in mail.outbox[0].body
    assert mail.outbox[0].to == [email]


def test_what_can_no_longer_be_used_is_not_sent(ada, alpha, alpha_client):
    _ask(alpha_client, ada.email)

    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
        _send(alpha)

    assert mail.outbox == []
