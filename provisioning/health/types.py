"""What is known of an organization's health, as plain values that are kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class HealthState(models.TextChoices):
    """What a score means; the bounds are in `rules`."""

    BAD = "bad", _("Bad")
    WATCH = "watch", _("Needs a look")
    GOOD = "good", _("Good")


class Cause(models.TextChoices):
    """What takes something off the score; the labels are for lists, `words` has the sentences."""

    QUARANTINED = "quarantined", _("Quarantine")
    ISOLATION = "isolation", _("Isolation")
    BEHIND = "behind", _("Version")
    ERRORS = "errors", _("Errors")
    SLOW_PAGES = "slow_pages", _("Slow pages")
    THROTTLED = "throttled", _("Turned away")
    LAG = "lag", _("Queue")
    DEAD_LETTERS = "dead_letters", _("Dead letters")
    MAILS_REFUSED = "mails_refused", _("Refused mail")
    MAILS_STUCK = "mails_stuck", _("Waiting mail")
    SLOW_STATEMENTS = "slow_statements", _("Slow queries")
    DOMAINS = "domains", _("Domains")
    CERTIFICATE = "certificate", _("Certificate")
    SNAPSHOT = "snapshot", _("Snapshot")
    LIMIT = "limit", _("Plan")
    DEAD_ROWS = "dead_rows", _("Dead rows")
    UNREADABLE = "unreadable", _("Unreadable")


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one of its plan's limits an organization uses; `limit` None is without one."""

    code: str
    used: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class UsedInMonth:
    """What an organization did in one month, by its first day (ISO 8601) on its own clock."""

    month: str
    bookings: int = 0
    mails: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """What only a look into the organization's own schema tells, and its size, which costs a look at every file of it.

    `file_bytes` is its pictures; mails are those of the last day. `months` are the
    current one and the three before. `is_readable` is False when the look failed.
    """

    bytes: int | None = None
    file_bytes: int | None = None
    mails: int = 0
    mails_refused: int = 0
    mails_stuck: int = 0
    uses: tuple[Use, ...] = ()
    months: tuple[UsedInMonth, ...] = ()
    is_readable: bool = True

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:  # Any: of a JSON document
        """What `as_json` wrote; a name of another version of the code is left out."""
        known = _known(cls, kept)
        uses = tuple(Use(**use) for use in known.get("uses", ()))
        return cls(**known | {"uses": uses, "months": tuple(UsedInMonth(**month) for month in known.get("months", ()))})


@dataclass(frozen=True, slots=True)
class Figures:
    """What is gathered for all organizations at once. Traffic and slow statements are the last hour's.

    `rows` and `dead_rows` are PostgreSQL's estimates; who `is_unreachable` has no table in the catalog of its cluster, or
    that cluster is away. None is nothing known: no answers, no certificate, no snapshot.
    """

    rows: int = 0
    dead_rows: int = 0
    requests: int = 0
    server_errors: int = 0
    throttled: int = 0
    p95_milliseconds: int | None = None
    waiting: int = 0
    dead_letters: int = 0
    lag_seconds: int = 0
    slow_statements: int = 0
    slow_milliseconds: int = 0
    schema_version: str = ""
    is_behind: bool = False
    is_unreachable: bool = False
    is_quarantined: bool = False
    isolation_broken: bool = False
    domains_failing: int = 0
    certificate_days: int | None = None
    snapshot_hours: int | None = None
    age_hours: int = 0

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:  # Any: as above
        """What `as_json` wrote; as above."""
        return cls(**_known(cls, kept))

    @property
    def error_share(self) -> float:
        """The share of answers that failed by our own fault."""
        return self.server_errors / self.requests if self.requests else 0.0

    @property
    def error_percent(self) -> float:
        return self.error_share * 100

    @property
    def per_minute(self) -> float:
        """Requests a minute that were let in."""
        return self.requests / _MINUTES

    @property
    def throttled_share(self) -> float:
        """The share of all that was asked which limits turned away."""
        asked = self.requests + self.throttled
        return self.throttled / asked if asked else 0.0


_MINUTES: Final = 60
NEVER: Final = "never"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What takes `points` off the score. `value` is how much of it, in the unit that the cause has (see `words`).

    `about` names the limit that is used up, is NEVER of what never was, and else empty.
    """

    cause: Cause
    points: int
    value: int = 0
    about: str = ""

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:  # Any: as above
        """What `as_json` wrote."""
        return cls(**dict(kept) | {"cause": Cause(kept["cause"])})


def as_json(value: Figures | Looked | Trouble) -> dict[str, Any]:  # Any: as above
    """A document that `from_json` reads."""
    return asdict(value)


def _known(cls: Any, kept: Mapping[str, Any]) -> dict[str, Any]:  # Any: a class of values, and as above
    names = {field.name for field in fields(cls)}
    return {name: value for name, value in kept.items() if name in names}
