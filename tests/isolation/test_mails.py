"""Letters of two equal marketplaces, written in turn by one process: each tells of its own and of nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core import mail

from kernel.actor import Actor
from kernel.outbox.handlers import load_event, load_handler
from kernel.outbox.models import MessageState, OutboxMessage
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.services import cancel_booking
from tenants.scope import platform_scope, tenant_scope
from tests.isolation.marks import Marks, canaries_in
from tests.isolation.world import TWIN

pytestmark = pytest.mark.proves("isolation.tasks")

Enter = Callable[[object], AbstractContextManager[object]]


@pytest.fixture
def letters(world) -> Callable[[Enter], dict[str, list[str]]]:
    """Cancels the same booking in both, and lets everything that follows happen in scopes that `enter` makes: slug → mails."""

    def write(enter: Enter) -> dict[str, list[str]]:
        for tenant in world.twins:
            with tenant_scope(tenant):
                booking = Booking.objects.get(public_id=TWIN.uuid("conf"))
                cancel_booking(actor=Actor.system("test"), booking=booking, reason=Marks(tenant.slug)("Away"))
        written: dict[str, list[str]] = {tenant.slug: [] for tenant in world.twins}
        for message in _in_turn(world):
            tenant = next(tenant for tenant in world.twins if tenant.id == message.tenant_id)
            mail.outbox.clear()
            with enter(tenant):
                load_handler(message)(load_event(message))
            written[tenant.slug] += [_text(sent) for sent in mail.outbox]
        return written

    return write


def _in_turn(world) -> list[OutboxMessage]:
    with platform_scope(reason="test"):
        waiting = OutboxMessage.objects.filter(state=MessageState.PENDING, handler__contains="write_to")
        of_each = [list(waiting.filter(tenant_id=tenant.id).order_by("pk")) for tenant in world.twins]
    return [message for both in zip(*of_each, strict=True) for message in both]


def _text(sent) -> str:
    """Head, text, page and files, decoded."""
    parts = [sent.subject, sent.from_email, *sent.to, str(sent.extra_headers), sent.body]
    parts += [str(alternative.content) for alternative in getattr(sent, "alternatives", [])]
    for attached in sent.attachments:
        content = attached.content if hasattr(attached, "content") else attached.get_payload(decode=True)
        # A calendar's lines are folded.
        parts.append((content.decode() if isinstance(content, bytes) else content).replace("\r\n ", ""))
    return "\n".join(parts)


def _foreign(world, written: dict[str, list[str]]) -> list[str]:
    pairs = (world.twins, world.twins[::-1])
    return [
        f"{here.slug}: {found}"
        for here, there in pairs
        for text in written[here.slug]
        for found in (*canaries_in(text, there.slug), *canaries_in(text, f"{there.slug}r"), *_hosts(text, there))
    ]


def _hosts(text: str, tenant) -> list[str]:
    return [tenant.primary_host] if f"//{tenant.primary_host}" in text else []


def test_letters_written_in_turn_carry_nothing_of_the_twin(world, count, letters):
    written = letters(tenant_scope)

    foreign = _foreign(world, written)
    count(attempts=sum(map(len, written.values())), failures=len(foreign))
    assert foreign == []
    for slug, texts in written.items():
        assert len(texts) == 2
        assert all(canaries_in(text, slug) for text in texts)


@pytest.mark.control
def test_letters_that_are_written_in_the_twins_scope_are_caught(world, count, letters):
    """Negative control: its booking has the same id, so it is what is told of."""
    foreign = _foreign(world, letters(lambda tenant: tenant_scope(next(other for other in world.twins if other != tenant))))

    count(controls=1, controls_caught=int(bool(foreign)))
    assert {found.rpartition("-")[0] for found in foreign} >= {"alpha: canary-beta", "beta: canary-alpha"}
