"""A look at what a change of plan costs, as a signed note: what is confirmed is what was shown, by the same instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.core.signing import BadSignature
from django.utils.translation import gettext as _

from shared_apps.plans.types import Interval
from tenant_apps.backoffice.errors import LookTooOld
from tenants.signing import sign, unsign

_CHANGE: Final = "backoffice.plan_change"
_LIFE: Final = timedelta(minutes=30)
"""For longer, the part of the period that was counted would be another."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was looked at: the wish, the subscription's revision, and the instant by which its price was counted."""

    plan_code: str
    interval: Interval
    add_ons: Mapping[str, int]
    revision: int
    prorated_at: datetime


def note_of(look: Look) -> str:
    """To be sent along with the confirmation."""
    at = int(look.prorated_at.timestamp())
    return sign(_CHANGE, [look.plan_code, look.interval.value, dict(look.add_ons), look.revision, at])


def look_of(note: str) -> Look:
    """What was looked at.

    Raises:
        LookTooOld: half an hour ago, or it is no note of this marketplace's.
    """
    try:
        plan_code, interval, add_ons, revision, at = unsign(_CHANGE, note, max_age=_LIFE)
    except BadSignature:
        raise LookTooOld(_("You looked at this a while ago. Please look at what it costs again.")) from None
    return Look(plan_code, Interval(interval), add_ons, revision, datetime.fromtimestamp(at, UTC))
