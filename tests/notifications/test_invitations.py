"""Somebody who is invited gets the link, once for each time that they are invited."""

from __future__ import annotations

from datetime import timedelta

from django.core import mail

from kernel import clock
from tenant_apps.members.events import MemberInvited
from tenant_apps.members.models import Invitation
from tenant_apps.members.types import Role
from tenant_apps.notifications.handlers import write_invitation


def invited(**fields) -> MemberInvited:
    until = clock.now() + timedelta(days=14)
    row = Invitation.objects.create(email="ada@twin.example", name="Ada", role=Role.PROVIDER, expires_at=until)
    values = {
        "invitation_id": row.public_id,
        "email": row.email,
        "name": row.name,
        "role": Role.PROVIDER,
        "invited_by": "Olga Owner",
        "expires_at": until,
    }
    return MemberInvited(**(values | fields))


def test_the_letter_names_who_asks_and_carries_the_link(in_alpha, alpha_client):
    write_invitation(invited())

    [message] = mail.outbox
    link = next(line.split(": ")[1] for line in message.body.splitlines() if line.startswith("Accept"))
    assert message.subject == "Join Twin Market"
    assert "Olga Owner asks you to join Twin Market. Your role there: Provider." in message.body
    assert alpha_client.get(link.removeprefix("http://alpha.localhost")).status_code == 200


def test_the_same_event_twice_is_one_letter_and_a_renewed_invitation_another(in_alpha):
    event = invited()
    write_invitation(event)
    write_invitation(event)
    renewed = MemberInvited(**(vars(event) | {"expires_at": event.expires_at + timedelta(days=1)}))
    write_invitation(renewed)

    assert len(mail.outbox) == 2


def test_a_closed_invitation_gets_no_letter(in_alpha):
    event = invited()
    Invitation.objects.update(revoked_at=clock.now())

    write_invitation(event)

    assert mail.outbox == []


def test_the_platform_itself_may_invite_somebody_without_a_name(in_alpha):
    write_invitation(invited(name="", invited_by=""))

    assert "You are asked to join Twin Market. Your role there: Provider." in mail.outbox[0].body
