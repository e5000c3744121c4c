"""The one door through which mail leaves. A sandbox's goes no further: it is kept for the team to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.module_loading import import_string

from provisioning.models import KeptMail
from tenants.context import TenantContext
from tenants.scope import current_scope, platform_scope

# Somebody tries something out; nobody keeps an archive.
MOST_KEPT: Final = 500
_LONGEST_BODY: Final = 100_000


class MailDoor(BaseEmailBackend):
    """Stands before the mailer that sends (`transport`), whoever calls it: the scope decides, no caller is asked.

    `django.core.mail` knows no other way out, and a check of the settings refuses a mailer without this door.
    """

    def __init__(
        self, *, transport: str, alias: str | None = None, options: Mapping[str, Any] | None = None
    ) -> None:  # Any: the transport's own
        super().__init__(alias=alias)
        self._alias = alias
        # Made when something is to leave: in a sandbox there is not even a connection.
        self._transport = import_string(transport)
        self._options = dict(options or {})

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        scope = current_scope()
        if isinstance(scope, TenantContext) and scope.is_sandbox:
            return _keep(scope.id, email_messages)
        sent: int | None = self._transport(alias=self._alias, **self._options).send_messages(email_messages)
        return sent or 0


def _keep(tenant_id: UUID, messages: Sequence[EmailMessage]) -> int:
    """Write them down, the oldest giving way; how many. As with a mail server, what was refused here raises."""
    with platform_scope(reason="mail of a sandbox"), transaction.atomic():
        for message in messages:
            # As the transport would: a head in which something was smuggled is refused here, too.
            message.message()
            KeptMail.objects.create(
                tenant_id=tenant_id,
                to=", ".join(message.recipients()),
                sender=message.from_email,
                reply_to=", ".join(message.reply_to),
                subject=str(message.subject),
                body=str(message.body)[:_LONGEST_BODY],
                attachments=[name for name in map(_name_of, message.attachments) if name],
            )
        newest = KeptMail.objects.filter(tenant_id=tenant_id).order_by("-id").values_list("id", flat=True)
        last = newest[MOST_KEPT - 1 : MOST_KEPT].first()
        if last is not None:
            KeptMail.objects.filter(tenant_id=tenant_id, id__lt=last).delete()
    return len(messages)


def _name_of(attachment: Any) -> str:  # Any: Django's tuple, or a part of the message
    if hasattr(attachment, "get_filename"):
        return attachment.get_filename() or ""
    return str(getattr(attachment, "filename", "") or "")
