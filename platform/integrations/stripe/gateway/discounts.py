"""Coupons, and the codes by which people ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import stripe

from integrations.stripe.amounts import to_stripe
from integrations.stripe.asking import ask
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.reading import given, id_of, instant, instant_or_none, metadata_of, money, seconds, state
from kernel.money import Money


class Duration(StrEnum):
    """For how long a coupon takes something off."""

    ONCE = "once"
    REPEATING = "repeating"
    FOREVER = "forever"


@dataclass(frozen=True, slots=True)
class Coupon:
    """Something off: `off_basis_points` hundredths of a percent, or `amount_off`; exactly one of them."""

    id: str
    name: str
    off_basis_points: int | None
    amount_off: Money | None
    duration: Duration
    duration_in_months: int | None
    max_redemptions: int | None
    redeem_by: datetime | None
    times_redeemed: int
    is_valid: bool
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PromotionCode:
    """What people type. With `customer_id` it works for that one only."""

    id: str
    code: str
    coupon_id: str
    is_active: bool
    customer_id: str
    expires_at: datetime | None
    max_redemptions: int | None
    times_redeemed: int
    metadata: Mapping[str, str]
    created_at: datetime


class Discounts:
    """Commands and questions about coupons and promotion codes."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create_coupon(
        self,
        *,
        name: str,
        duration: Duration,
        idempotency_key: str,
        off_basis_points: int | None = None,
        amount_off: Money | None = None,
        duration_in_months: int | None = None,
        max_redemptions: int | None = None,
        redeem_by: datetime | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Coupon:
        """A coupon of a percentage or of an amount."""
        amount, currency = to_stripe(amount_off) if amount_off else (None, None)
        params = given(
            name=name,
            duration=duration.value,
            duration_in_months=duration_in_months,
            percent_off=None if off_basis_points is None else str(Decimal(off_basis_points) / 100),
            amount_off=amount,
            currency=currency,
            max_redemptions=max_redemptions,
            redeem_by=None if redeem_by is None else seconds(redeem_by),
            metadata=None if metadata is None else dict(metadata),
        )
        options = self._door.command(idempotency_key)
        return _coupon(ask(lambda: self._door.v1.coupons.create(params, options)))

    def get_coupon(self, coupon_id: str) -> Coupon:
        """The coupon, or `NoSuchObject`."""
        return _coupon(ask(lambda: self._door.v1.coupons.retrieve(coupon_id, None, self._door.reading())))

    def create_code(
        self,
        *,
        coupon_id: str,
        code: str,
        idempotency_key: str,
        customer_id: str = "",
        expires_at: datetime | None = None,
        max_redemptions: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> PromotionCode:
        """A word for a coupon. `InvalidRequest` when an active code of this word exists."""
        params = given(
            promotion={"type": "coupon", "coupon": coupon_id},
            code=code,
            customer=customer_id or None,
            expires_at=None if expires_at is None else seconds(expires_at),
            max_redemptions=max_redemptions,
            metadata=None if metadata is None else dict(metadata),
        )
        options = self._door.command(idempotency_key)
        return _code(ask(lambda: self._door.v1.promotion_codes.create(params, options)))

    def deactivate_code(self, code_id: str, *, idempotency_key: str) -> PromotionCode:
        """Nobody can use it any more; who has used it keeps what it gave."""
        options = self._door.command(idempotency_key)
        return _code(ask(lambda: self._door.v1.promotion_codes.update(code_id, {"active": False}, options)))

    def find_code(self, code: str) -> PromotionCode | None:
        """The active code that somebody typed, in whatever letters; None if there is none."""
        params: stripe.params.PromotionCodeListParams = {"code": code, "active": True, "limit": 1}
        found = ask(lambda: self._door.v1.promotion_codes.list(params, self._door.reading()))
        return _code(found.data[0]) if found.data else None


def _coupon(made: stripe.Coupon) -> Coupon:
    # Stripe writes a JSON number; its shortest text is exact to the two decimals that a percentage may have.
    percent = None if made.percent_off is None else int(Decimal(str(made.percent_off)) * 100)
    return Coupon(
        id=made.id,
        name=made.name or "",
        off_basis_points=percent,
        amount_off=None if made.amount_off is None else money(made.amount_off, made.currency),
        duration=state(Duration, made.duration),
        duration_in_months=made.duration_in_months,
        max_redemptions=made.max_redemptions,
        redeem_by=instant_or_none(made.redeem_by),
        times_redeemed=made.times_redeemed,
        is_valid=made.valid,
        metadata=metadata_of(made),
    )


def _code(made: stripe.PromotionCode) -> PromotionCode:
    return PromotionCode(
        id=made.id,
        code=made.code,
        coupon_id=id_of(made.promotion.coupon),
        is_active=made.active,
        customer_id=id_of(made.customer),
        expires_at=instant_or_none(made.expires_at),
        max_redemptions=made.max_redemptions,
        times_redeemed=made.times_redeemed,
        metadata=metadata_of(made),
        created_at=instant(made.created),
    )
