"""What follows from what people do on the account pages."""

from __future__ import annotations

from dataclasses import replace
from smtplib import SMTPException

import structlog

from integrations.mailer.answers import is_permanent
from kernel import clock
from kernel.deleting import PART
from kernel.errors import TemporaryFailure
from shared_apps.accounts.events import AccountMailRequested
from shared_apps.accounts.jobs import ForgetSessions
from shared_apps.accounts.letters import draw_letter, life_of
from shared_apps.accounts.services import forget_expired_sessions

log = structlog.get_logger(__name__)


def write_account_mail(event: AccountMailRequested) -> None:
    """Send one mail of the account pages. Twice: the same code, or another link that works as well.

    Raises:
        TemporaryFailure: the mail server does not take it now.
    """
    if clock.now() - event.requested_at > life_of(event):
        log.warning("account_mail_too_late", template=event.template)
        return
    letter = draw_letter(event)
    if letter is None:
        return
    try:
        letter.send()
    except (SMTPException, OSError) as error:
        if is_permanent(error):
            log.warning("account_mail_refused", template=event.template, error=type(error).__name__)
            return
        raise TemporaryFailure(f"the mail server did not take it: {type(error).__name__}", code="mail_not_taken") from error


def forget_sessions_of_tenant(job: ForgetSessions) -> ForgetSessions | None:
    """Delete a part of the current scope's sessions that have run out; what is to follow. May run twice."""
    deleted = forget_expired_sessions(at_most=PART)
    return replace(job, deleted=job.deleted + deleted) if deleted == PART else None
