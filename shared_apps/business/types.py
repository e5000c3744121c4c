"""The words and figures of recurring revenue (MRR). Amounts are minor units of one currency; months are those of UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from shared_apps.plans.types import Quota


class Movement(models.TextChoices):
    """Why what an organization pays for a month became another amount."""

    NEW = "new", _("New")
    EXPANSION = "expansion", _("Expansion")
    REACTIVATION = "reactivation", _("Reactivation")
    CONTRACTION = "contraction", _("Contraction")
    CHURN = "churn", _("Churn")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the value of a subscription follows from. `add_ons` has version and quantity by code.

    `has_paid` says whether money ever came for it; None in an entry from before that was asked.
    """

    state: str
    is_billed: bool
    plan_code: str
    plan_version: int
    interval: str
    currency: str
    add_ons: Mapping[str, Sequence[int]]
    has_paid: bool | None


@dataclass(frozen=True, slots=True)
class CurrencyStanding:
    """All that is paid in one currency as it is now. `owing_minor` is the part of those who owe.

    `last_at` is the day of the last entry.
    """

    currency: str
    mrr_minor: int
    paying: int
    owing_minor: int
    owing: int
    last_at: datetime

    @property
    def arr_minor(self) -> int:
        """Twelve times a month."""
        return self.mrr_minor * 12


@dataclass(frozen=True, slots=True)
class MonthMoved:
    """A month's movements, signed, between what the ledger stood at before and after it, each summed up by itself."""

    month: date
    opening_minor: int
    closing_minor: int
    moved: Mapping[Movement, int] = field(default_factory=dict)
    counts: Mapping[Movement, int] = field(default_factory=dict)

    @property
    def net_minor(self) -> int:
        """All movements together."""
        return sum(self.moved.values())

    @property
    def is_tied(self) -> bool:
        """Whether the movements explain the difference to the unit."""
        return self.opening_minor + self.net_minor == self.closing_minor


@dataclass(frozen=True, slots=True)
class MixLine:
    """Who pays for a plan by the month or by the year, and what comes of it in a month."""

    plan_code: str
    interval: str
    paying: int
    mrr_minor: int
    in_trial: int


@dataclass(frozen=True, slots=True)
class TrialMonth:
    """What became of the trials that began in a month, until now."""

    month: date
    begun: int
    converted: int
    running: int

    @property
    def lost(self) -> int:
        """Neither paying ever, nor in trial any more."""
        return self.begun - self.converted - self.running


@dataclass(frozen=True, slots=True)
class CohortMonth:
    """Who of a cohort still pays at the end of a month, and how much."""

    paying: int
    mrr_minor: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who paid for the first time in the same month; `months` is from that one until now, `began_minor` their first MRR."""

    month: date
    size: int
    began_minor: int
    months: Sequence[CohortMonth]


@dataclass(frozen=True, slots=True)
class OwingMonth:
    """How often a payment began to be owed in a month, and how that ended until now."""

    month: date
    began: int
    recovered: int
    lost: int

    @property
    def pending(self) -> int:
        """Still owed."""
        return self.began - self.recovered - self.lost


@dataclass(frozen=True, slots=True)
class Outlier:
    """Somebody who used far more in a month than is usual on their plan. `included` is None without a limit."""

    tenant_id: UUID
    name: str
    plan_code: str
    quota: Quota
    used: int
    usual: int
    included: int | None

    @property
    def times(self) -> int:
        """How many times what is usual, in whole."""
        return self.used // self.usual


@dataclass(frozen=True, slots=True)
class Tie:
    """Something that has to be equal to something else. `wrong` counts where it is not."""

    name: str
    wrong: int

    @property
    def is_held(self) -> bool:
        """Whether it is, everywhere."""
        return self.wrong == 0
