"""Letters beyond what the plan sends in a day wait in the outbox, and go out when there is room again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core import mail

from kernel import clock
from kernel.errors import NotServedNow
from shared_apps.accounts.events import AccountMailRequested
from shared_apps.accounts.handlers import write_account_mail
from shared_apps.accounts.letters import RESET
from tenant_apps.notifications.models import SentMail
from tenant_apps.notifications.services import send_mail
from tenants import rates
from tenants.scope import tenant_scope
from tests.factories.people import make_user
from tests.notifications.letters import letter

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def days(monkeypatch, settings) -> Callable[[int], None]:
    """Two letters a day; calling it moves the clock on."""
    settings.MAILS_PER_DAY = {"default": 2}

    def move(number: int) -> None:
        monkeypatch.setattr(rates, "clock", SimpleNamespace(now=lambda: NOON + timedelta(days=number)))

    move(0)
    return move


def send(key: str) -> bool:
    return send_mail(key=key, to="ada@twin.example", letter=letter(), language="en")


def test_the_one_too_many_waits_without_a_trace_and_goes_out_the_next_day(in_alpha, days):
    send("test:1")
    send("test:2")
    for _ in range(3):
        with pytest.raises(NotServedNow):
            send("test:3")
    on_that_day = len(mail.outbox), SentMail.objects.count()

    days(1)
    sent = send("test:3")

    assert on_that_day == (2, 2)
    assert (sent, len(mail.outbox)) == (True, 3)


def test_another_organizations_letters_go_out(alpha, beta):
    with tenant_scope(alpha):
        send("test:1")
        send("test:2")

    with tenant_scope(beta):
        sent = send("test:1")

    assert sent


def test_a_letter_that_was_sent_before_does_not_count_again(in_alpha):
    for _ in range(5):
        send("test:1")

    sent = send("test:2")

    assert sent


def test_a_letter_about_ones_account_goes_out_all_the_same(in_alpha):
    send("test:1")
    send("test:2")
    user = make_user("ada@twin.example")
    reset = AccountMailRequested(
        template=RESET, email=user.email, user_id=user.pk, language="en", requested_at=clock.now(),
        code_seed="", fact_names=(), fact_values=(),
    )  # fmt: skip

    write_account_mail(reset)

    assert (len(mail.outbox), mail.outbox[-1].to) == (3, ["ada@twin.example"])


def test_a_plan_without_a_limit_sends_as_many_as_there_are(in_alpha, settings):
    settings.MAILS_PER_DAY = {"default": 0}

    sent = [send(f"test:{number}") for number in range(5)]

    assert all(sent)
