"""What Stoa has sent, read from the local mailbox's folder."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from icalendar import Calendar

from ops.local.mailbox import kept_mails, read_mail

# A worker of a busy machine takes its time; waiting ends with the letter.
_PATIENCE_SECONDS = 45.0
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Letter:
    """One mail as its reader sees it."""

    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["subject"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def html(self) -> str:
        body = self.message.get_body(("html",))
        assert body is not None
        return str(body.get_content())

    def link(self, pattern: str) -> str:
        """The first address in the text that `pattern` is part of."""
        found = re.search(rf"https?://\S*{pattern}\S*", self.text)
        assert found is not None, f"no link with {pattern} in:\n{self.text}"
        return found.group()

    def calendar(self) -> Calendar:
        """The attached .ics file."""
        (part,) = [part for part in self.message.iter_attachments() if part.get_content_type() == "text/calendar"]
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        return Calendar.from_ical(content)


class Mailbox:
    """Everybody's mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def letters(self, to: str) -> list[Letter]:
        """What this person got, the newest first."""
        mails = [read_mail(path) for path in kept_mails(self._folder)]
        return [Letter(mail) for mail in mails if to in str(mail["to"])]

    def wait_for(self, to: str, subject: str) -> Letter:
        """The newest letter to this person with `subject` in its subject, as soon as it is there."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            found = [letter for letter in self.letters(to) if subject in letter.subject]
            if found:
                return found[0]
            assert time.monotonic() < deadline, f"no “{subject}” for {to}; got {[each.subject for each in self.letters(to)]}"
            time.sleep(_PAUSE_SECONDS)
