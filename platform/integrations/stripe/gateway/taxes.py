"""Rates of tax for invoices that are written by hand; where Stripe Tax is on, it finds them by itself."""

from __future__ import annotations

from decimal import Decimal

import stripe

from integrations.stripe.asking import ask
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.reading import given, metadata_of

_MARK = "stoa_rate"


class TaxRates:
    """Commands and questions about rates. A rate cannot be changed, so the same one serves all invoices."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def find(self, *, name: str, basis_points: int) -> str:
        """The id of the active rate that `create` made of these; empty where there is none."""

        def active() -> list[stripe.TaxRate]:
            return list(self._door.v1.tax_rates.list({"active": True, "limit": 100}, self._door.reading()).auto_paging_iter())

        # By our own mark: Stripe tells the percentage as a number with a binary fraction.
        wanted = _mark(name, basis_points)
        return next((rate.id for rate in ask(active) if metadata_of(rate).get(_MARK) == wanted), "")

    def create(self, *, name: str, basis_points: int, idempotency_key: str) -> str:
        """A rate that comes on top of the amount, called `name` on invoices; gives back its id."""
        params = given(
            display_name=name,
            percentage=str(Decimal(basis_points) / 100),
            inclusive=False,
            metadata={_MARK: _mark(name, basis_points)},
        )
        options = self._door.command(idempotency_key)
        return ask(lambda: self._door.v1.tax_rates.create(params, options)).id


def _mark(name: str, basis_points: int) -> str:
    return f"{name}:{basis_points}"
