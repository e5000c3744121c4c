"""No mail leaves a sandbox, whoever sends it; its owners can read what would have."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives

from config.settings import base
from kernel import clock
from kernel.errors import PermissionDenied
from kernel.ids import format_public_id
from provisioning.models import KeptMail
from provisioning.sandboxes.mail import MOST_KEPT
from provisioning.sandboxes.selectors import MAIL_PREFIX, kept_mails_for
from shared_apps.accounts.events import AccountMailRequested
from shared_apps.accounts.handlers import write_account_mail
from tenant_apps.notifications.models import SentMail
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Letter, Template
from tenants.checks import check_mailers
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.market import browser, furnish
from tests.factories.market import customer
from tests.provisioning.organizations import SYSTEM
from tests.provisioning.sandboxes.twins import alpha_as_sandbox

pytestmark = pytest.mark.django_db

LETTER = Letter(
    template=Template.MEMBER_INVITED,
    subject="Join us",
    preheader="There is a place",
    status="Invitation",
    heading="There is a place for you",
    paragraphs=("Come & see <b>us</b> at https://alpha.localhost/join/abc/",),
)


@pytest.fixture(autouse=True)
def _through_the_door(settings) -> None:
    """As in production, with the suite's memory in place of a mail server."""
    door = base.MAILERS["default"]
    settings.MAILERS = {
        "default": {
            "BACKEND": door["BACKEND"],
            "OPTIONS": {"transport": "django.core.mail.backends.locmem.EmailBackend"},
        }
    }


def test_a_letter_of_a_sandbox_is_kept_instead_of_sent(alpha):
    with tenant_scope(alpha_as_sandbox()):
        assert send_mail(key="one", to="ann@world.example", letter=LETTER, language="en")
        assert SentMail.objects.get(key="one").sent_at is not None

    assert mail.outbox == []
    kept = _kept()
    assert [(row.to, row.subject) for row in kept] == [("ann@world.example", "Join us")]
    assert "There is a place for you" in kept[0].body


@pytest.mark.control
def test_the_same_letter_leaves_a_marketplace_that_is_none(alpha):
    with tenant_scope(alpha):
        send_mail(key="one", to="ann@world.example", letter=LETTER, language="en")

    assert [message.to for message in mail.outbox] == [["ann@world.example"]]
    assert _kept() == []


def test_mail_of_the_account_pages_stays_too(alpha):
    event = AccountMailRequested(
        template="account/email/unknown_account", email="stranger@world.example", language="en", user_id=None, code_seed="",
        fact_names=(), fact_values=(), requested_at=clock.now(),
    )  # fmt: skip  # one line of facts

    with tenant_scope(alpha_as_sandbox()):
        write_account_mail(event)

    assert mail.outbox == []
    assert [row.to for row in _kept()] == ["stranger@world.example"]


def test_a_message_that_somebody_sends_by_themselves_stays_too(alpha):
    with tenant_scope(alpha_as_sandbox()):
        assert EmailMessage("Hello", "Text", "a@world.example", ["b@world.example"], bcc=["c@world.example"]).send() == 1

    assert mail.outbox == []
    assert [row.to for row in _kept()] == ["b@world.example, c@world.example"]


def test_the_platform_s_own_mail_leaves(alpha):
    alpha_as_sandbox()

    with platform_scope(reason="test"):
        EmailMultiAlternatives("To operators", "Text", "a@world.example", ["ops@world.example"]).send()

    assert [message.to for message in mail.outbox] == [["ops@world.example"]]


def test_a_head_with_something_smuggled_in_is_refused_as_a_mail_server_would(alpha):
    with tenant_scope(alpha_as_sandbox()), pytest.raises(ValueError, match="Header values"):
        EmailMessage("Hello\nBcc: x@world.example", "Text", "a@world.example", ["b@world.example"]).send()

    assert _kept() == []


def test_the_oldest_give_way(alpha, monkeypatch):
    monkeypatch.setattr("provisioning.sandboxes.mail.MOST_KEPT", 3)

    with tenant_scope(alpha_as_sandbox()):
        for number in range(5):
            EmailMessage(f"Number {number}", "Text", "a@world.example", ["b@world.example"]).send()

    assert [row.subject for row in _kept()] == ["Number 4", "Number 3", "Number 2"]
    assert MOST_KEPT > 3


def test_owners_read_it_and_nothing_in_it_is_taken_for_markup(alpha):
    with tenant_scope(alpha_as_sandbox()):
        send_mail(key="one", to="ann@world.example", letter=LETTER, language="en")
        furnish()
    client, letter = browser(alpha, "owner"), _kept()[0]

    listing = client.get("/manage/settings/sandbox/mail/")
    page = client.get(f"/manage/settings/sandbox/mail/{format_public_id(MAIL_PREFIX, letter.public_id)}/")

    assert "Join us" in listing.text
    assert "Come &amp; see &lt;b&gt;us&lt;/b&gt; at" in page.text
    assert '<a href="https://alpha.localhost/join/abc/" rel="nofollow">' in page.text


def test_an_empty_list_says_what_to_do_next(alpha):
    with tenant_scope(alpha_as_sandbox()):
        furnish()
    client = browser(alpha, "owner")

    assert "No letter yet" in client.get("/manage/settings/sandbox/mail/").text


def test_a_letter_is_nobody_s_but_the_owners_since_it_may_open_doors(alpha):
    with tenant_scope(alpha_as_sandbox()):
        send_mail(key="one", to="ann@world.example", letter=LETTER, language="en")
        furnish()
        with pytest.raises(PermissionDenied):
            kept_mails_for(actor=customer(), tenant_id=alpha.id, cursor=None, limit=5)

    manager = browser(alpha, "manager")
    assert manager.get("/manage/settings/sandbox/mail/").status_code == 403


def test_outside_of_a_sandbox_there_is_no_such_page(alpha):
    with tenant_scope(alpha):
        furnish()

    assert browser(alpha, "owner").get("/manage/settings/sandbox/mail/").status_code == 404


def test_one_sandbox_does_not_show_another_s(alpha, beta):
    with tenant_scope(alpha_as_sandbox()):
        send_mail(key="one", to="ann@world.example", letter=LETTER, language="en")

    assert list(kept_mails_for(actor=SYSTEM, tenant_id=beta.id, cursor=None, limit=5).rows) == []


def test_an_installation_whose_mailer_has_no_door_does_not_start(settings):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}
    assert [error.id for error in check_mailers(None)] == ["tenants.E021"]

    settings.MAILERS = base.MAILERS
    assert list(check_mailers(None)) == []


def _kept() -> list[KeptMail]:
    with platform_scope(reason="test"):
        return list(KeptMail.objects.order_by("-id"))
