"""Who is billed: name, address, contacts and tax numbers of an organization, here and at Stripe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.stripe.gateway.customers import Address
from kernel.actor import Actor
from kernel.errors import Invalid
from shared_apps.audit.services import record
from shared_apps.billing.errors import WrongStanding
from shared_apps.billing.models import BillingAccount
from shared_apps.billing.services.commands import carry_out, order_of_account
from shared_apps.billing.types import Cause, CommandKind, TaxStatus
from tenants.scope import platform_scope

MOST_CONTACTS = 10
MOST_NUMBERS = 5


@dataclass(frozen=True, slots=True)
class BillingDetails:
    """What stands on invoices, and who gets them: Stripe writes to the first of `contacts`, our letters go to all."""

    name: str
    contacts: tuple[str, ...]
    address: Address
    tax_ids: tuple[tuple[str, str], ...]
    tax_status: TaxStatus

    def as_columns(self) -> dict[str, Any]:  # Any: columns of the account, JSON
        """For the row, or for a command."""
        return {
            "name": self.name,
            "contacts": list(self.contacts),
            "address": asdict(self.address),
            "tax_ids": sorted(list(pair) for pair in self.tax_ids),
            "tax_status": self.tax_status.value,
        }


def details_of(account: BillingAccount) -> BillingDetails:
    """As they are now."""
    known: Mapping[str, str] = account.address
    address = Address(**{name: known.get(name, "") for name in Address.__slots__})
    numbers = tuple((kind, value) for kind, value in account.tax_ids)
    return BillingDetails(account.name, tuple(account.contacts), address, numbers, TaxStatus(account.tax_status))


def change_details(*, actor: Actor, tenant_id: UUID, details: BillingDetails, reason: str = "") -> None:
    """Write them, here alone while Stripe knows nobody, else there first. Invoices that were sent stay as they are.

    Raises:
        PermissionDenied, CommandRefused (a tax number that cannot be), NotConfirmedYet.
        Invalid: nobody is named, or too many; blames `name`, `contacts`, `tax_ids`.
        WrongStanding: nobody is billed for this organization.
    """
    actor.require("plans.edit")
    _check(details)
    cause, columns = Cause.of(actor, reason), details.as_columns()
    with platform_scope(reason="billing details"), transaction.atomic():
        account = BillingAccount.objects.select_for_update().filter(tenant_id=tenant_id).first()
        if account is None:
            raise WrongStanding(_("Nobody is billed for this organization."))
        if not account.stripe_customer_id:
            BillingAccount.objects.filter(pk=account.pk).update(**columns)
            record(
                action="billing.details_changed", actor_label=actor.label, actor_kind=actor.kind, tenant_id=tenant_id,
                reason=reason,
            )  # fmt: skip
            return
    wanted = columns | {"reason": reason}
    carry_out(order_of_account(tenant_id=tenant_id, kind=CommandKind.CHANGE_CUSTOMER, parameters=wanted, cause=cause))


def _check(details: BillingDetails) -> None:
    if not details.name:
        raise Invalid(_("Say who is billed."), field="name")
    if not 1 <= len(details.contacts) <= MOST_CONTACTS:
        raise Invalid(_("Name 1 to %(most)d addresses.") % {"most": MOST_CONTACTS}, field="contacts")
    if len(details.tax_ids) > MOST_NUMBERS:
        raise Invalid(_("Name up to %(most)d tax numbers.") % {"most": MOST_NUMBERS}, field="tax_ids")
