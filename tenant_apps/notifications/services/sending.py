"""One mail per event: claimed in the database, handed to the mail server outside of any transaction, then ticked off."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Final

import structlog
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.utils import translation

from integrations.mailer.answers import is_permanent
from kernel import clock
from kernel.db import insert_or_none
from kernel.errors import NotServedNow, TemporaryFailure, Throttled
from shared_apps.metering.services import take_within_cap
from shared_apps.metering.types import MAILS
from shared_apps.plans.errors import LimitReached
from tenant_apps.notifications.models import SentMail
from tenant_apps.notifications.services.drawing import draw
from tenant_apps.notifications.types import OF_THE_PLATFORM, Attachment, Letter
from tenants.limits import mails_per_day
from tenants.rates import Rate, count, require_room
from tenants.scope import current_tenant
from tenants.traffic.noting import note_mail

log = structlog.get_logger(__name__)

_IN_HAND: Final = timedelta(minutes=2)
"""Longer than a mail server may take over all its answers; a claim older than this was left by a worker that died."""

_LONGEST_ERROR: Final = 500
_BEYOND_PLAN: Final = "the plan has no mails left for this month"
_DAY_SECONDS: Final = 86_400
_ALL: Final = "all"


def send_mail(
    *,
    key: str,
    to: str,
    letter: Letter,
    language: str,
    attachments: Sequence[Attachment] = (),
    reply_to: str = "",
    now: datetime | None = None,
) -> bool:
    """Send `letter` to `to`, once: `key` names the event and the recipient. True when it went out with this call.

    Answers go to `reply_to`, the other side where two people have to do with each other; else to the organization.

    May be called any number of times, by any number of workers: a mail that was sent or refused is left alone. After a
    crash between sending and ticking off, and only then, it goes out a second time, under the same Message-ID.

    Raises TemporaryFailure when the mail server did not take it now, or another worker has it in hand: try again later.
    NotServedNow when the plan's mails of this day (UTC) are used up: the outbox keeps it, and no try is spent.
    An address that the server refuses for good is noted and not raised, and so is a letter for which the plan's month has no
    room any more. UnsendableMail for a head that cannot be sent.
    """
    _require_room_for_mail()
    now = now or clock.now()
    with translation.override(language):
        message = draw(letter, to=to, key=key, attachments=attachments, reply_to=reply_to)
    row = SentMail(key=key, template=letter.template, to=to, subject=letter.subject[:300], created_at=now, claimed_at=now)
    if insert_or_none(row) is not None:
        if not _is_within_plan(letter, key, now):
            return False
    elif not _claim_again(key, now):
        return False
    if _hand_over(key, message, now) and letter.template not in OF_THE_PLATFORM:
        note_mail()
    return True


def _is_within_plan(letter: Letter, key: str, now: datetime) -> bool:
    """Whether the plan has mails left for this month; else the letter is noted as refused, and will not be sent.

    A month later nobody wants to read it. What the platform has to say is sent all the same.
    """
    if letter.template in OF_THE_PLATFORM:
        return True
    try:
        take_within_cap(MAILS, now=now)
    except LimitReached:
        log.warning("mail_beyond_plan", key=key)
        SentMail.objects.filter(key=key).update(refused_at=now, error=_BEYOND_PLAN)
        return False
    return True


def _claim_again(key: str, now: datetime) -> bool:
    """Take over a mail that an earlier try left; False when nothing is left to do."""
    mine = SentMail.objects.filter(key=key, sent_at__isnull=True, refused_at__isnull=True, claimed_at__lte=now - _IN_HAND)
    if mine.update(claimed_at=now, tries=F("tries") + 1):
        return True
    if SentMail.objects.filter(key=key, sent_at__isnull=True, refused_at__isnull=True).exists():
        raise TemporaryFailure(f"the mail {key} is in another worker's hand", code="mail_in_hand")
    return False


def _hand_over(key: str, message: EmailMultiAlternatives, now: datetime) -> bool:
    """Whether the server took it; not when it never will."""
    mail = SentMail.objects.filter(key=key)
    try:
        message.send()
    except (SMTPException, OSError) as error:
        reason = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
        if is_permanent(error):
            log.warning("mail_refused", key=key, error=reason)
            mail.update(refused_at=now, error=reason)
            return False
        # Nobody's any more, so that the next try need not wait.
        mail.update(claimed_at=now - _IN_HAND, error=reason)
        raise TemporaryFailure(f"the mail server did not take {key}: {reason}", code="mail_not_taken") from error
    mail.update(sent_at=now, error="")
    if rate := _rate():
        # Two workers may have found the same last place; what is sent is sent.
        with suppress(Throttled):
            count(rate, _ALL)
    return True


def _rate() -> Rate | None:
    limit = mails_per_day(current_tenant().plan)
    return Rate("mails", limit=limit, seconds=_DAY_SECONDS) if limit else None


def _require_room_for_mail() -> None:
    rate = _rate()
    if rate is None:
        return
    try:
        require_room(rate, _ALL)
    except Throttled as error:
        raise NotServedNow(f"{rate.limit} mails went out today, as many as the plan allows", code="mail_limit") from error
