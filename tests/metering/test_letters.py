"""Letters use up the plan's mails, and stop with them; what the platform itself has to say does neither."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import pytest
import time_machine
from django.core import mail

from shared_apps.metering.models import CapRoom
from shared_apps.metering.types import MAILS
from tenant_apps.notifications.models import SentMail
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Template
from tenants.scope import platform_scope, tenant_scope
from tenants.traffic.meter import meter
from tests.factories.tenants import ALPHA_ID
from tests.metering.rows import NOW
from tests.notifications.letters import letter


@pytest.fixture(autouse=True)
def two_a_month(alpha) -> Generator[None]:
    meter.reset()
    with time_machine.travel(NOW, tick=False), tenant_scope(replace(alpha, entitlements={"mails_per_month": 2})):
        yield
    meter.reset()


def send(key: str, template: Template = Template.MEMBER_INVITED) -> bool:
    return send_mail(key=key, to="ada@twin.example", letter=letter(template=template), language="en")


def counted() -> int:
    return sum(traffic.mails for (tenant_id, _began), traffic in meter.take()[0].items() if tenant_id == ALPHA_ID)


def taken() -> int:
    with platform_scope(reason="test"):
        return sum(CapRoom.objects.filter(meter=MAILS.code).values_list("taken", flat=True))


def test_the_one_too_many_is_noted_as_refused_and_never_sent():
    sent = [send(key) for key in ("a", "b", "c", "c")]

    assert sent == [True, True, False, False]
    assert len(mail.outbox) == counted() == 2
    refused = SentMail.objects.get(key="c")
    assert (refused.refused_at, refused.sent_at) == (NOW, None)


def test_a_letter_that_is_sent_again_takes_no_second_place():
    for _time in range(3):
        send("a")

    assert (taken(), counted()) == (1, 1)


@pytest.mark.parametrize("template", [Template.QUOTA_REACHED, Template.BOOKINGS_USED_UP, Template.DOMAIN_CHANGED])
def test_what_the_platform_has_to_say_is_sent_without_room_and_counts_nothing(template):
    send("a")
    send("b")
    meter.reset()

    assert send("c", template)
    assert (taken(), counted()) == (2, 0)
