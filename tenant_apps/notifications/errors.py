"""What can be wrong with a mail before anybody is asked to carry it."""

from __future__ import annotations

from kernel.errors import PermanentFailure


class UnsendableMail(PermanentFailure):
    """A line break in a header, or no address to send to: no other try would help."""

    def __init__(self, message: str, *, code: str = "unsendable_mail") -> None:
        super().__init__(message, code=code)
