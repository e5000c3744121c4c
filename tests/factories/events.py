"""What was published, read back from the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kernel.events import Event
from kernel.outbox.models import OutboxMessage
from shared_apps.accounts.events import AccountMailRequested, CustomerVerified, PersonProved
from shared_apps.accounts.handlers import write_account_mail
from tenant_apps.members.events import MemberInvited, MemberJoined, MemberLeft, OwnerProved, OwnershipProved
from tenants.scope import platform_scope
from tenants.tasks import enter_scope

_HANDLER = "tests.factories.events.ignore"
SUBSCRIPTIONS = dict.fromkeys(
    (
        AccountMailRequested,
        CustomerVerified,
        PersonProved,
        MemberInvited,
        MemberJoined,
        MemberLeft,
        OwnerProved,
        OwnershipProved,
    ),
    (_HANDLER,),
)


def ignore(event: Event) -> None:
    """Does nothing: the tests look at the outbox only."""


def published[E: Event](event_class: type[E], *, tenant_id=None) -> list[E]:
    """The events of this class that wait in the outbox, oldest first, of one tenant where asked."""
    with platform_scope(reason="test"):
        messages = OutboxMessage.objects.filter(event_type=event_class.event_type).order_by("pk")
        if tenant_id is not None:
            messages = messages.filter(tenant_id=tenant_id)
        return [event_class.from_payload(message.payload) for message in messages]


def send_account_mails(message_ids: Sequence[UUID], **_: object) -> None:
    """Rings the outbox's bell: the mails of the account pages go out at once, everything else waits to be looked at."""
    with platform_scope(reason="test"):
        event_type = AccountMailRequested.event_type
        messages = list(OutboxMessage.objects.filter(pk__in=message_ids, event_type=event_type))
    for message in messages:
        with enter_scope(message.tenant_id, reason="test"):
            write_account_mail(AccountMailRequested.from_payload(message.payload))
