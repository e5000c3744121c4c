"""What was published, read back from the outbox."""

from __future__ import annotations

from kernel.events import Event
from kernel.outbox.models import OutboxMessage
from shared_apps.accounts.events import CustomerVerified, PersonProved
from tenant_apps.members.events import MemberInvited, MemberJoined, MemberLeft
from tenants.scope import platform_scope

_HANDLER = "tests.factories.events.ignore"
SUBSCRIPTIONS = dict.fromkeys((CustomerVerified, PersonProved, MemberInvited, MemberJoined, MemberLeft), (_HANDLER,))


def ignore(event: Event) -> None:
    """Does nothing: the tests look at the outbox only."""


def published[E: Event](event_class: type[E], *, tenant_id=None) -> list[E]:
    """The events of this class that wait in the outbox, oldest first, of one tenant where asked."""
    with platform_scope(reason="test"):
        messages = OutboxMessage.objects.filter(event_type=event_class.event_type).order_by("pk")
        if tenant_id is not None:
            messages = messages.filter(tenant_id=tenant_id)
        return [event_class.from_payload(message.payload) for message in messages]
