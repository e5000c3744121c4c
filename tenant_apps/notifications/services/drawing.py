"""From a letter to a message: HTML and text of the same words, the files, and a head in which nothing was smuggled."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email.message import MIMEPart
from email.policy import SMTP
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi

from kernel.emails import find_email, is_same_email
from tenant_apps.members.selectors import contact_address
from tenant_apps.notifications.rules import message_id, require_address, require_header, sender_of
from tenant_apps.notifications.selectors import paper_of
from tenant_apps.notifications.types import Attachment, Letter
from tenants.scope import current_tenant


def draw(
    letter: Letter, *, to: str, key: str, attachments: Sequence[Attachment] = (), reply_to: str = ""
) -> EmailMultiAlternatives:
    """The message of `letter` in the active language, from the marketplace in scope; answers go to `reply_to`, else to the
    organization. Raises UnsendableMail.
    """
    tenant = current_tenant()
    platform = parseaddr(settings.DEFAULT_FROM_EMAIL)[0] if letter.is_from_platform else ""
    sender = sender_of(name=platform or tenant.name, platform_sender=settings.DEFAULT_FROM_EMAIL)
    context = {
        "letter": letter,
        "paper": paper_of(tenant),
        "language": get_language() or tenant.language,
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    message = EmailMultiAlternatives(
        subject=require_header("Subject", letter.subject),
        body=render_to_string("notifications/letter.txt", context).strip() + "\n",
        from_email=sender,
        to=[require_address(to)],
        reply_to=_answers_to(reply_to or contact_address(), to=to),
        headers={
            "Message-ID": message_id(key_hash=_hash_of(tenant.key, key), sender=sender),
            # No answers from holiday machines (RFC 3834 §5).
            "Auto-Submitted": "auto-generated",
        },
    )
    for attachment in attachments:
        message.attach(_part(attachment))
    message.attach_alternative(render_to_string("notifications/letter.html", context), "text/html")
    return message


def _answers_to(address: str, *, to: str) -> list[str]:
    """The Reply-To line; none for who would write to themselves, nor of what is no address: the letter is worth more.

    Raises UnsendableMail for a control character: nobody types one, and it would begin another header.
    """
    if not address.strip():
        return []
    email = find_email(require_header("Reply-To", address))
    return [] if email is None or is_same_email(email, to) else [email]


def _part(attachment: Attachment) -> MIMEPart:
    """The file as a part of the message. By hand, since Django's way knows no parameters such as `method`."""
    media_type, *rest = (piece.strip() for piece in attachment.media_type.split(";"))
    main, _slash, sub = media_type.partition("/")
    parameters = dict(piece.split("=", 1) for piece in rest)
    part = MIMEPart(policy=SMTP)
    name = require_header("filename", attachment.name)
    if main == "text":
        text = attachment.content.decode()
        part.set_content(text, subtype=sub, charset="utf-8", disposition="attachment", filename=name, params=parameters)
    else:
        part.set_content(
            attachment.content, maintype=main, subtype=sub, disposition="attachment", filename=name, params=parameters
        )
    return part


def _hash_of(tenant_key: str, key: str) -> str:
    return hashlib.sha256(f"{tenant_key}\0{key}".encode()).hexdigest()[:32]
