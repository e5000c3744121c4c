"""The state machine of a booking as one table. The database refuses whatever is not in it (migration 0002)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenant_apps.bookings.types import BookingStatus

_S = BookingStatus

TRANSITIONS: Final[Mapping[BookingStatus, frozenset[BookingStatus]]] = MappingProxyType(
    {
        # A hold that is given up and one whose time has run out end alike.
        _S.HELD: frozenset({_S.PENDING, _S.CONFIRMED, _S.EXPIRED}),
        _S.PENDING: frozenset({_S.CONFIRMED, _S.DECLINED, _S.CANCELLED, _S.EXPIRED}),
        _S.CONFIRMED: frozenset({_S.CANCELLED, _S.COMPLETED, _S.NO_SHOW}),
        # Whether somebody came can be put right afterwards; nothing else can.
        _S.COMPLETED: frozenset({_S.NO_SHOW}),
        _S.NO_SHOW: frozenset({_S.COMPLETED}),
        _S.DECLINED: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.EXPIRED: frozenset(),
    }
)

_SENTENCES: Final[Mapping[BookingStatus, Promise]] = MappingProxyType(
    {
        _S.HELD: _("This booking is not finished yet."),
        _S.PENDING: _("This booking is waiting for an answer, or was changed a moment ago. Please look again."),
        _S.CONFIRMED: _("This booking is confirmed, or was changed a moment ago. Please look again."),
        _S.DECLINED: _("This booking was declined."),
        _S.CANCELLED: _("This booking was cancelled."),
        _S.EXPIRED: _("The time to finish or to answer this booking has run out."),
        _S.COMPLETED: _("This booking has taken place."),
        _S.NO_SHOW: _("The customer did not come to this booking."),
    }
)


def may_follow(current: str, wanted: str) -> bool:
    """Whether a booking in `current` may become `wanted`."""
    return BookingStatus(wanted) in TRANSITIONS[BookingStatus(current)]


def sentence_of_state(status: str) -> str:
    """What to tell somebody who wanted to do what this state does not allow."""
    return str(_SENTENCES[BookingStatus(status)])
