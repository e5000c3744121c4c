"""One mail per event, whatever runs twice; nothing smuggled into its head; a server that is down is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from smtplib import SMTPAuthenticationError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from kernel.errors import TemporaryFailure
from ops.local.process import free_port
from tenant_apps.members.types import Role
from tenant_apps.notifications.errors import UnsendableMail
from tenant_apps.notifications.models import SentMail
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Attachment
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tenants.types import TenantStatus
from tests.bookings.racing import of_type, run_at_once
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_member
from tests.notifications.letters import letter

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


def send(**fields) -> bool:
    values = {"key": "test:1", "to": "ada@twin.example", "letter": letter(), "language": "en", "now": NOW}
    return send_mail(**(values | fields))


def test_a_mail_goes_out_once_and_is_noted(in_alpha):
    assert send() is True
    assert send() is False

    [message] = mail.outbox
    assert (message.to, message.subject) == (["ada@twin.example"], "Join Twin Market")
    assert message.from_email.startswith("Twin Market <")
    [row] = SentMail.objects.all()
    assert (row.key, row.to, row.template, row.sent_at, row.tries) == (
        "test:1",
        "ada@twin.example",
        "member_invited",
        NOW,
        1,
    )


@pytest.mark.parametrize(
    ("contact", "answers"),
    [("", "owner@twin.example"), ("Hello@Twin.example", "hello@twin.example"), ("nonsense", "owner@twin.example")],
)
def test_answers_go_to_the_organizations_contact_or_its_first_owner(alpha, contact, answers):
    with tenant_scope(replace(alpha, content={"contact_email": contact})):
        make_member("owner@twin.example", Role.OWNER)
        make_member("second@twin.example", Role.OWNER)

        send()

    assert mail.outbox[0].message()["Reply-To"] == answers


def test_the_address_of_an_owner_who_has_proved_nothing_is_given_to_nobody(in_alpha):
    make_member("anybodys@twin.example", Role.OWNER, verified=False)
    make_member("second@twin.example", Role.OWNER)

    send()

    assert mail.outbox[0].reply_to == ["second@twin.example"]


def test_answers_go_to_the_other_side_where_there_is_one_and_nowhere_where_there_is_nobody(in_alpha):
    send(key="test:1", reply_to="fiona@customer.example")
    send(key="test:2")

    assert [message.reply_to for message in mail.outbox] == [["fiona@customer.example"], []]


def test_an_owner_is_not_asked_to_answer_themselves(in_alpha):
    make_member("ada@twin.example", Role.OWNER)

    send(to="ada@twin.example")

    assert mail.outbox[0].reply_to == []


@pytest.mark.parametrize("unusable", ["fiona at home", "fiona@", "jürgen@twin.example", " "])
def test_an_answers_address_that_is_none_costs_nobody_the_letter(in_alpha, unusable):
    assert send(reply_to=unusable) is True

    assert [(message.to, message.reply_to) for message in mail.outbox] == [(["ada@twin.example"], [])]


def test_an_answers_address_with_another_header_in_it_is_refused(in_alpha):
    with pytest.raises(UnsendableMail):
        send(reply_to="fiona@customer.example\nBcc: all@example.org")


def test_both_bodies_say_the_same_and_what_people_typed_is_text(in_alpha):
    send()

    [message] = mail.outbox
    [html] = message.alternatives
    for words in ("Join Twin Market", "Hello", "Second.", "£96", "Until Friday.", "http://alpha.localhost/join/x/"):
        assert words in html.content
    for words in ("Hello <Ada>", "First & last.", "Price: £96", "Accept: http://alpha.localhost/join/x/"):
        assert words in message.body
    assert "&lt;b&gt;bucket&lt;/b&gt;" in html.content
    assert "<b>bucket" not in html.content


def test_the_letter_wears_the_tenants_colours_in_light_hex(alpha):
    orange = replace(alpha, theme_tokens={"brand": "#c2410c", "scheme": "dark", "buttons": "pill"})

    with tenant_scope(orange):
        send()

    html = mail.outbox[0].alternatives[0].content
    assert "#c2410c" in html
    assert "border-radius:999px" in html
    assert "var(" not in html
    assert "{{" not in html
    assert 'name="color-scheme" content="light"' in html


def test_a_broken_theme_costs_the_look_and_not_the_letter(alpha):
    broken = replace(alpha, theme_package="gone", theme_tokens={"brand": "no colour"})

    with tenant_scope(broken):
        assert send() is True


def test_links_lead_to_the_registrys_host_whatever_else_is_set(in_alpha):
    with tenant_scope(replace(in_alpha, brand_kit="0123456789ab")):
        send()

    message = mail.outbox[0]
    assert "http://alpha.localhost/" in message.body
    assert "http://alpha.localhost/brand/" in message.alternatives[0].content


@pytest.mark.parametrize(
    "bad",
    [
        {"letter": letter(subject="Hello\nBcc: all@twin.example")},
        {"letter": letter(subject="Hello\r\nX: y")},
        {"letter": letter(subject="  ")},
        {"to": "ada@twin.example\nBcc: all@twin.example"},
        {"to": "Ada <ada@twin.example>"},
        {"to": "ada@twin.example, bob@twin.example"},
        {"to": ""},
        {"attachments": [Attachment("a.ics\nX: y", b"x", "text/calendar")]},
    ],
)
def test_a_head_with_a_line_break_or_a_second_address_is_refused(in_alpha, bad):
    with pytest.raises(UnsendableMail):
        send(**bad)

    assert mail.outbox == []
    assert not SentMail.objects.exists()


def test_a_tenants_name_cannot_start_a_header(alpha):
    evil = replace(alpha, name="Twin\r\nBcc: all@twin.example")

    with tenant_scope(evil):
        send()

    head = bytes(mail.outbox[0].message()).split(b"\n\n")[0]
    assert b"\nBcc:" not in head
    assert mail.outbox[0].recipients() == ["ada@twin.example"]


def test_a_server_that_is_down_is_tried_again_and_the_mail_goes_out_then(in_alpha, monkeypatch):
    fail_with(monkeypatch, SMTPServerDisconnected("gone"))
    with pytest.raises(TemporaryFailure):
        send()
    failed = SentMail.objects.get()
    monkeypatch.undo()

    assert send(now=NOW + timedelta(seconds=10)) is True
    row = SentMail.objects.get()
    assert "SMTPServerDisconnected" in failed.error
    assert (row.tries, row.error, row.sent_at) == (2, "", NOW + timedelta(seconds=10))
    assert len(mail.outbox) == 1


def test_a_wrong_password_of_ours_is_no_fault_of_the_mail(in_alpha, monkeypatch):
    fail_with(monkeypatch, SMTPAuthenticationError(535, b"no"))

    with pytest.raises(TemporaryFailure):
        send()


def test_an_address_that_is_refused_for_good_is_noted_and_not_tried_again(in_alpha, monkeypatch):
    fail_with(monkeypatch, SMTPRecipientsRefused({"ada@twin.example": (550, b"no such person")}))
    send()
    monkeypatch.undo()

    assert send(now=NOW + timedelta(hours=1)) is False
    row = SentMail.objects.get()
    assert (row.sent_at, row.refused_at) == (None, NOW)
    assert "550" in row.error
    assert mail.outbox == []


def test_an_address_that_is_refused_for_now_is_tried_again(in_alpha, monkeypatch):
    fail_with(monkeypatch, SMTPRecipientsRefused({"ada@twin.example": (451, b"later")}))

    with pytest.raises(TemporaryFailure):
        send()


def test_what_a_dead_worker_left_is_taken_over_after_a_while_and_not_before(in_alpha):
    SentMail.objects.create(key="test:1", template="x", to="ada@twin.example", subject="x", claimed_at=NOW)

    with pytest.raises(TemporaryFailure):
        send(now=NOW + timedelta(minutes=1))
    assert send(now=NOW + timedelta(minutes=2)) is True

    assert len(mail.outbox) == 1


def test_every_try_of_a_mail_has_the_same_message_id_and_every_mail_its_own(in_alpha, beta):
    send()
    send(key="test:2")
    with tenant_scope(beta):
        send()

    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(set(ids)) == 3


@pytest.mark.proves("faults.outbox")
def test_many_workers_at_once_send_one_mail(own_database):
    context = context_for(ALPHA_ID)
    assert context is not None
    mail.outbox = []

    outcomes = run_at_once(context, [partial(send)] * 8)

    assert outcomes.count(True) == 1
    assert outcomes.count(False) + len(of_type(outcomes, TemporaryFailure)) == 7
    assert len(mail.outbox) == 1


class Mailbox:
    """A mail server's end: keeps what it is handed."""

    def __init__(self) -> None:
        self.envelopes = []

    async def handle_DATA(self, _server, _session, envelope) -> str:
        self.envelopes.append(envelope)
        return "250 taken"


def test_a_real_mail_server_gets_the_whole_mail(in_alpha, settings):
    mailbox = Mailbox()
    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        options = {"host": "127.0.0.1", "port": port, "timeout": 10}
        settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
        send(attachments=[Attachment("booking.ics", "BEGIN:VCALENDAR\r\nÄ".encode(), "text/calendar; method=REQUEST")])
    finally:
        server.stop()

    [envelope] = mailbox.envelopes
    text = envelope.content.decode()
    assert envelope.rcpt_tos == ["ada@twin.example"]
    assert "Subject: Join Twin Market" in text
    assert "multipart/alternative" in text
    assert 'text/calendar; charset="utf-8"; method="REQUEST"' in text
    assert 'filename="booking.ics"' in text
    assert "Auto-Submitted: auto-generated" in text


def fail_with(monkeypatch, error: Exception) -> None:
    def send_fails(self, *args, **kwargs):
        raise error

    monkeypatch.setattr(EmailMultiAlternatives, "send", send_fails)


@pytest.mark.parametrize(("kit", "count"), [("", 0), ("0123456789ab", 1)])
def test_a_letter_shows_the_brands_picture_once_it_is_drawn(in_alpha, kit, count):
    with tenant_scope(replace(in_alpha, brand_kit=kit)):
        send_mail(key="once", to="ada@twin.example", letter=letter(), language="en")

    html = mail.outbox[0].alternatives[0].content
    assert html.count(f"{in_alpha.base_url}/brand/0123456789ab/icon-192.png") == html.count("<img") == count


def test_a_letter_of_a_closed_marketplace_has_no_picture_that_nobody_answers_for(in_alpha):
    with tenant_scope(replace(in_alpha, brand_kit="0123456789ab", status=TenantStatus.CLOSING)):
        send_mail(key="last", to="ada@twin.example", letter=letter(), language="en")

    assert "<img" not in mail.outbox[0].alternatives[0].content
