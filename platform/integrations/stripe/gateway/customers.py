"""Customers of the platform: one for each organization, its address, tax numbers and credit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import stripe

from integrations.stripe.amounts import to_stripe
from integrations.stripe.asking import ask
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.reading import given, id_of, instant, metadata_of, money, state
from kernel.money import Money


class TaxIdStatus(StrEnum):
    """What the tax office said of a number."""

    PENDING = "pending"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Address:
    """A billing address; `country` is ISO 3166's two capitals."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""

    def as_params(self) -> dict[str, str]:
        """For Stripe: an empty line takes away what stood there."""
        return {
            "line1": self.line1,
            "line2": self.line2,
            "city": self.city,
            "state": self.state,
            "postal_code": self.postal_code,
            "country": self.country,
        }


@dataclass(frozen=True, slots=True)
class TaxId:
    """A tax number: `kind` is Stripe's word (`eu_vat`, `gb_vat`)."""

    id: str
    kind: str
    value: str
    status: TaxIdStatus


@dataclass(frozen=True, slots=True)
class Customer:
    """Who pays. `credit` is what they have to their good (negative: what they owe), in `currency`; None before the first."""

    id: str
    name: str
    email: str
    address: Address
    locale: str
    currency: str
    credit: Money | None
    default_payment_method_id: str
    is_delinquent: bool
    is_deleted: bool
    metadata: Mapping[str, str]
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """One line of the customer's balance; `amount` above zero is to their good."""

    id: str
    customer_id: str
    amount: Money
    balance: Money
    kind: str
    note: str
    invoice_id: str
    credit_note_id: str
    created_at: datetime
    metadata: Mapping[str, str]


class Customers:
    """Commands and questions about customers."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create(
        self,
        *,
        name: str,
        email: str,
        metadata: Mapping[str, str],
        idempotency_key: str,
        address: Address | None = None,
        tax_ids: Sequence[tuple[str, str]] = (),
        locale: str = "",
        test_clock_id: str = "",
    ) -> Customer:
        """A new customer; `tax_ids` are pairs of kind and number, `metadata` names the tenant."""
        params = given(
            name=name,
            email=email,
            metadata=dict(metadata),
            address=address.as_params() if address else None,
            tax_id_data=[{"type": kind, "value": value} for kind, value in tax_ids] or None,
            preferred_locales=[locale] if locale else None,
            test_clock=test_clock_id or None,
        )
        options = self._door.command(idempotency_key)
        return _customer(ask(lambda: self._door.v1.customers.create(params, options)))

    def update(
        self,
        customer_id: str,
        *,
        idempotency_key: str,
        name: str | None = None,
        email: str | None = None,
        address: Address | None = None,
        locale: str | None = None,
        metadata: Mapping[str, str] | None = None,
        default_payment_method_id: str | None = None,
    ) -> Customer:
        """Change what is given; the rest stays. A value of `metadata` that is empty is taken away."""
        method = default_payment_method_id
        params = given(
            name=name,
            email=email,
            address=address.as_params() if address else None,
            preferred_locales=None if locale is None else [locale],
            metadata=None if metadata is None else dict(metadata),
            invoice_settings=None if method is None else {"default_payment_method": method},
        )
        options = self._door.command(idempotency_key)
        return _customer(ask(lambda: self._door.v1.customers.update(customer_id, params, options)))

    def get(self, customer_id: str) -> Customer:
        """The customer, also a deleted one; `NoSuchObject` if there never was one."""
        return _customer(ask(lambda: self._door.v1.customers.retrieve(customer_id, None, self._door.reading())))

    def delete(self, customer_id: str, *, idempotency_key: str) -> None:
        """Delete who pays, for good; what they subscribe to ends at once, their invoices stay. Twice gives `NoSuchObject`.

        docs.stripe.com/api/customers/delete; Stripe keeps no keys of deletions.
        """
        options = self._door.command(idempotency_key)
        ask(lambda: self._door.v1.customers.delete(customer_id, None, options))

    def add_tax_id(self, customer_id: str, *, kind: str, value: str, idempotency_key: str) -> TaxId:
        """Note a tax number; `InvalidRequest` with code `tax_id_invalid` if it cannot be one."""
        params: stripe.params.CustomerTaxIdCreateParams = {"type": kind, "value": value}
        options = self._door.command(idempotency_key)
        return _tax_id(ask(lambda: self._door.v1.customers.tax_ids.create(customer_id, params, options)))

    def remove_tax_id(self, customer_id: str, tax_id: str, *, idempotency_key: str) -> None:
        """Forget a tax number. Twice gives `NoSuchObject`: Stripe keeps no keys of deletions."""
        options = self._door.command(idempotency_key)
        ask(lambda: self._door.v1.customers.tax_ids.delete(customer_id, tax_id, None, options))

    def tax_ids(self, customer_id: str) -> list[TaxId]:
        """Their tax numbers, the newest first."""
        found = ask(lambda: self._door.v1.customers.tax_ids.list(customer_id, {"limit": 100}, self._door.reading()))
        return [_tax_id(each) for each in found.data]

    def give_credit(
        self, customer_id: str, *, amount: Money, note: str, metadata: Mapping[str, str], idempotency_key: str
    ) -> CreditEntry:
        """Put `amount` to their good: the next invoices use it up. A negative amount takes it away."""
        charged, currency = to_stripe(-amount)
        params: stripe.params.CustomerBalanceTransactionCreateParams = {
            "amount": charged,
            "currency": currency,
            "description": note,
            "metadata": dict(metadata),
        }
        options = self._door.command(idempotency_key)
        made = ask(lambda: self._door.v1.customers.balance_transactions.create(customer_id, params, options))
        return _credit_entry(made)

    def credit_entries(self, customer_id: str) -> list[CreditEntry]:
        """All lines of their balance, the newest first."""
        service = self._door.v1.customers.balance_transactions

        def all_of_them() -> list[stripe.CustomerBalanceTransaction]:
            return list(service.list(customer_id, {"limit": 100}, self._door.reading()).auto_paging_iter())

        return [_credit_entry(each) for each in ask(all_of_them)]


def _customer(made: stripe.Customer) -> Customer:
    if getattr(made, "deleted", False):
        return Customer(made.id, "", "", Address(), "", "", None, "", False, True, metadata_of(made), None)
    currency = made.currency or ""
    address = made.address
    return Customer(
        id=made.id,
        name=made.name or "",
        email=made.email or "",
        address=Address(**{name: getattr(address, name, None) or "" for name in Address.__slots__}),
        locale=next(iter(made.preferred_locales or ()), ""),
        currency=currency.upper(),
        credit=-money(made.balance, currency) if currency else None,
        default_payment_method_id=id_of(made.invoice_settings and made.invoice_settings.default_payment_method),
        is_delinquent=bool(made.delinquent),
        is_deleted=False,
        metadata=metadata_of(made),
        created_at=instant(made.created),
    )


def _tax_id(made: stripe.TaxId) -> TaxId:
    verified = made.verification
    return TaxId(made.id, made.type, made.value, state(TaxIdStatus, verified.status if verified else "unavailable"))


def _credit_entry(made: stripe.CustomerBalanceTransaction) -> CreditEntry:
    return CreditEntry(
        id=made.id,
        customer_id=id_of(made.customer),
        amount=-money(made.amount, made.currency),
        balance=-money(made.ending_balance, made.currency),
        kind=made.type,
        note=made.description or "",
        invoice_id=id_of(made.invoice),
        credit_note_id=id_of(made.credit_note),
        created_at=instant(made.created),
        metadata=metadata_of(made),
    )
