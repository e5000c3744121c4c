"""Identifiers: time-ordered UUIDs inside (RFC 9562, version 7), and their short prefixed form for people and URLs."""

from __future__ import annotations

import os
import re
import secrets
import threading
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import clock
from kernel.errors import Invalid

# Crockford's base 32 without I, L, O and U. Lower case, and no look-alikes accepted: one id has exactly one text, so two
# links to one thing are equal as strings (in caches, logs and unique columns).
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_TEXT_LENGTH = 26
_PREFIX = re.compile(r"[a-z]{2,8}")
# 26 letters hold 130 bits; the first may use three only, or the text would not fit a UUID.
_BODY = re.compile(rf"[0-7][{_ALPHABET}]{{{_TEXT_LENGTH - 1}}}")

_RANDOM_BITS = 74
# How far the random part may move on within a millisecond. Large, so that the next id cannot be guessed from the last.
_STEP_BITS = 40
# A clock set back by less than this is waited out by counting on; more, and the clock is believed again.
_PATIENCE_MILLISECONDS = 10_000


class Uuid7Generator:
    """Makes version 7 UUIDs that always grow within one process, by any number of threads.

    Within a millisecond the random part is counted on by a random step (RFC 9562 §6.2, method 2).
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the last id. Also makes a fresh lock: after a fork, the old one may be held by a thread that is gone."""
        self._lock = threading.Lock()
        self._milliseconds = 0
        self._random = 0

    def __call__(self) -> UUID:
        with self._lock:
            milliseconds = clock.epoch_milliseconds()
            if self._milliseconds - _PATIENCE_MILLISECONDS < milliseconds <= self._milliseconds:
                self._count_on()
            else:
                self._milliseconds = milliseconds
                self._random = secrets.randbits(_RANDOM_BITS)
            return _assemble(self._milliseconds, self._random)

    def _count_on(self) -> None:
        self._random += secrets.randbits(_STEP_BITS) + 1
        if self._random >> _RANDOM_BITS:
            self._milliseconds += 1
            self._random = secrets.randbits(_RANDOM_BITS)


def _assemble(milliseconds: int, random: int) -> UUID:
    """Lay out time, version, 12 random bits, variant, 62 random bits (RFC 9562 §5.7)."""
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (high << 64) | (0b10 << 62) | low)


_generator = Uuid7Generator()
# Forked workers would all count on from the parent's last id.
os.register_at_fork(after_in_child=_generator.reset)


def new_id() -> UUID:
    """The next id of this process. A plain function, because migrations name a model field's default by its path."""
    return _generator()


def first_id_at(moment: datetime) -> UUID:
    """The smallest id that could have been made at `moment`: ids of rows made before it sort below."""
    milliseconds = int(moment.timestamp()) * 1000 + moment.microsecond // 1000
    return _assemble(milliseconds, 0)


def public_id(prefix: str) -> str:
    """A fresh id in the form that leaves the platform, such as `bkg_01k9…`."""
    return format_public_id(prefix, new_id())


def format_public_id(prefix: str, value: UUID) -> str:
    """The outside form of `value`: its prefix (two to eight small letters), an underscore, 26 letters of base 32."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"not a prefix of public ids: {prefix!r}")
    number = value.int
    letters = [_ALPHABET[(number >> shift) & 31] for shift in range((_TEXT_LENGTH - 1) * 5, -1, -5)]
    return f"{prefix}_{''.join(letters)}"


def parse_public_id(prefix: str, text: str) -> UUID:
    """The UUID that `format_public_id(prefix, …)` wrote as `text`; anything else, even another case, is `Invalid`."""
    head, _underscore, body = text.partition("_")
    if head != prefix or not _BODY.fullmatch(body):
        raise Invalid(_("This is not a valid identifier."))
    number = 0
    for letter in body:
        number = (number << 5) | _VALUES[letter]
    return UUID(int=number)
