"""From the library's objects to plain values: ids, instants, states, money."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import stripe

from integrations.stripe.amounts import from_stripe
from kernel.errors import PermanentFailure
from kernel.money import Money


def id_of(value: Any) -> str:  # Any: an id, the expanded object, or nothing
    """The id of what stands there; empty when nothing does."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value.id)


def instant(seconds: int) -> datetime:
    """Stripe's seconds as an aware instant."""
    return datetime.fromtimestamp(seconds, UTC)


def instant_or_none(seconds: int | None) -> datetime | None:
    """As `instant`, where there may be none."""
    return None if seconds is None else instant(seconds)


def seconds(moment: datetime) -> int:
    """An instant as Stripe writes it: whole seconds, the fraction cut off."""
    return int(moment.timestamp())


def state[T: StrEnum](states: type[T], value: object) -> T:
    """The state that Stripe calls `value`.

    Raises:
        PermanentFailure: this version of the code knows no such state. The version of the interface is pinned, so that this
            is a mistake here, and better loud than guessed.
    """
    try:
        return states(str(value))
    except ValueError:
        raise PermanentFailure(f"{states.__name__} has no {value!r}", code="stripe_unknown_state") from None


def money(amount: int | None, currency: str | None) -> Money:
    """An amount of a currency in small letters; nothing at all where Stripe leaves it out."""
    return from_stripe(amount or 0, currency or "usd")


def metadata_of(made: Any) -> Mapping[str, str]:  # Any: whichever object has metadata
    """What we have written onto the object, not to be changed."""
    found: stripe.StripeObject | None = getattr(made, "metadata", None)
    return MappingProxyType({} if found is None else {str(name): str(value) for name, value in found.to_dict().items()})


def given(**values: Any) -> Any:  # Any: becomes whichever of the library's types of parameters is wanted
    """Those of `values` that are not None: a parameter that is left out changes nothing."""
    return {name: value for name, value in values.items() if value is not None}
