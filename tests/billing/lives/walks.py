"""What somebody could think of doing next, and how likely it is: mostly what makes sense, sometimes what does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from shared_apps.billing.types import State
from tests.billing.lives.acts import People

type Act = Callable[[], None]
_NEVER_PAID: Final = {"begin": 16, "cancel": 1, "withdraw": 1, "pause": 1, "give_months": 1, "cancel_now": 1, "portal": 1}
RUNNING: Final = {
    "change": 9, "cancel": 2, "withdraw": 1, "portal": 2, "pause": 1, "resume": 1, "give_months": 1, "give_credit": 2,
    "add_on": 3, "cancel_now": 1, "end_there": 1, "begin": 1, "quarrel_with_the_bank": 4, "dispute": 1, "refund": 1,
}  # fmt: skip
_WAITING: Final = RUNNING | {"withdraw_change": 6, "change": 2}
_ENDING: Final = RUNNING | {"withdraw": 6, "change": 1, "cancel": 1}
_PAUSED: Final = RUNNING | {"resume": 8, "change": 1}
_OWING: Final = {
    "pay_by_hand": 8,
    "portal": 3,
    "change": 1,
    "cancel": 2,
    "cancel_now": 1,
    "quarrel_with_the_bank": 2,
    "give_months": 1,
}
_ENDED: Final = {"begin_again": 4, "begin": 1, "refund": 1, "dispute": 1, "pay_by_hand": 1}


def weights(people: People) -> dict[str, int]:
    """Acts by name."""
    look = people.seen
    pages = {"fill_in": 1} if people.pages else {}
    if look.state == State.CANCELLED:
        return (_ENDED if people.customer_id else {"begin": 1}) | pages
    if not look.stripe_id:
        return _NEVER_PAID | dict.fromkeys(pages, 3)
    if look.state in (State.PAST_DUE, State.GRACE, State.SUSPENDED):
        return _OWING | pages
    if look.state == State.PAUSED:
        return _PAUSED | pages
    if look.planned:
        return _WAITING | pages
    return (_ENDING if look.cancel_at else RUNNING) | pages


def choose(people: People) -> Act:
    """The next act."""
    found = weights(people)
    name = people.chance.choices(list(found), list(found.values()))[0]
    return getattr(people, name)
