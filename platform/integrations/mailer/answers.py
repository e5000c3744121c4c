"""Whether a mail server that refused may be asked again (RFC 5321 §4.2.1)."""

from __future__ import annotations

from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import Final

_PERMANENT: Final = range(500, 600)


def is_permanent(error: Exception) -> bool:
    """Whether the server has said that it will never take this mail: replies from 500 up."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code in _PERMANENT for code, _text in error.recipients.values())
    return isinstance(error, SMTPResponseException) and error.smtp_code in _PERMANENT and not _is_about_us(error)


def _is_about_us(error: SMTPResponseException) -> bool:
    """Whether the server minds us, not the mail: wrong password, or sender not allowed. That can be mended and tried again."""
    return isinstance(error, SMTPAuthenticationError | SMTPConnectError | SMTPHeloError | SMTPSenderRefused)
