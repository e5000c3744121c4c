"""What Stripe says, written here: the object is fetched, and what it says *now* counts, not what an event said (R31).

Any order and any number of times gives the same: each write names the look before it, so that an older answer than one that
was written meanwhile is thrown away, and asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from integrations.stripe.errors import NoSuchObject
from integrations.stripe.gateway.customers import Customer, TaxId
from integrations.stripe.gateway.invoice import Invoice, InvoiceStatus
from integrations.stripe.gateway.payments import IntentStatus
from integrations.stripe.gateway.subscription import Subscription as AtStripe
from kernel.errors import TemporaryFailure
from shared_apps.billing.models import BillingAccount, BillingCreditNote, BillingInvoice, BillingReversal, Subscription
from shared_apps.billing.services.gateway import stripe
from shared_apps.billing.services.presenting import ask_for_present_period
from shared_apps.billing.services.reversing import fetch_reversals, write_reversals
from shared_apps.billing.services.writing import write_credit_notes, write_invoice, write_subscription
from shared_apps.billing.types import State
from shared_apps.webhook_inbox.errors import NobodysObject
from tenants.scope import platform_scope

_MOST_LOOKS: Final = 8


def apply(kind: str, object_id: str) -> UUID | None:
    """Fetch an object of Stripe's and write what follows from its state; whose it is, None where it is nobody's business.

    Raises:
        NobodysObject: it is no organization's of ours.
        TemporaryFailure: Stripe is away; it may work later.
    """
    applier = _APPLIERS.get(kind)
    return applier(object_id) if applier else None


def apply_subscription(stripe_id: str) -> UUID:
    """Bring ours to where Stripe's subscription is; whose it is. By the return page and the webhook alike.

    Raises:
        NobodysObject: there is no such, or its customer is nobody's.
        SecondSubscription: the organization is billed for another one as well.
        TemporaryFailure: as above.
    """

    def fetch() -> AtStripe:
        return _known(lambda: stripe().subscriptions.get(stripe_id))

    kept = Subscription.objects.filter(stripe_id=stripe_id)
    account = _payer(kept.values_list("tenant_id", flat=True)) or _account(fetch().customer_id)
    ask_for_present_period(_write_for(account, fetch, _write_subscription))
    return account.tenant_id


def apply_customer(customer_id: str) -> UUID:
    """Bring who pays to what Stripe's customer says; as `apply_subscription`."""
    return _write(customer_id, lambda: _known(lambda: _customer_with_numbers(customer_id)), _write_customer)


def apply_invoice(invoice_id: str) -> UUID | None:
    """Keep what an invoice says, and bring its subscription along; as `apply_subscription`. None of one that was deleted."""

    def fetch() -> tuple[Invoice, bool]:
        return _with_payment(invoice_id)

    kept = BillingInvoice.objects.filter(stripe_id=invoice_id)
    try:
        account = _payer(kept.values_list("tenant_id", flat=True)) or _account(fetch()[0].customer_id)
        fetched, _wants_owner = _write_for(account, fetch, write_invoice)
    except NoSuchObject:
        # A draft that somebody threw away.
        with platform_scope(reason="forget a draft"):
            kept.delete()
        return None
    if _is_credited(fetched) or _has_notes(invoice_id):
        _write(fetched.customer_id, lambda: stripe().credit_notes.all(invoice_id=invoice_id), write_credit_notes)
    if billed := fetched.subscription_id or _billed_for(account.tenant_id):
        apply_subscription(billed)
    return account.tenant_id


def _with_payment(invoice_id: str) -> tuple[Invoice, bool]:
    """An invoice, and whether the bank waits for its card's owner: asked only where a try has failed."""
    found = stripe().invoices.get(invoice_id)
    if found.status is not InvoiceStatus.OPEN or not found.attempt_count or not found.payment_intent_id:
        return found, False
    return found, stripe().payments.get_intent(found.payment_intent_id).status is IntentStatus.NEEDS_ACTION


def apply_charge(charge_id: str) -> UUID:
    """Keep what was given back of a payment, and what its card's owner denies; as `apply_customer`.

    Of a payment that stands nothing is written: it is its invoice's.
    """
    charge = _known(lambda: stripe().payments.get_charge(charge_id))
    tenant_id = _account(charge.customer_id).tenant_id
    if charge.refunded.is_zero and not charge.is_disputed and not _has_reversals(charge_id):
        return tenant_id
    return _write(
        charge.customer_id,
        lambda: fetch_reversals(stripe(), charge_id, charge.payment_intent_id),
        lambda account, found: write_reversals(account.tenant_id, found),
    )


def apply_refund(refund_id: str) -> UUID | None:
    """The same by one of its refunds. None of one that is of no charge."""
    charge_id = _known(lambda: stripe().reversals.get_refund(refund_id)).charge_id
    return apply_charge(charge_id) if charge_id else None


def apply_credit_note(credit_note_id: str) -> UUID | None:
    """Keep what was taken back of an invoice, with the invoice as it is now."""
    return apply_invoice(_known(lambda: stripe().credit_notes.get(credit_note_id)).invoice_id)


def _has_reversals(charge_id: str) -> bool:
    with platform_scope(reason="reversals of a charge"):
        return BillingReversal.objects.filter(charge_stripe_id=charge_id).exists()


def _has_notes(invoice_id: str) -> bool:
    """Of one that is void by now nothing is credited any more."""
    with platform_scope(reason="credit notes of an invoice"):
        return BillingCreditNote.objects.filter(invoice__stripe_id=invoice_id).exists()


def _is_credited(invoice: Invoice) -> bool:
    return not (invoice.credited_before_payment + invoice.credited_after_payment).is_zero


def _billed_for(tenant_id: UUID) -> str:
    """What else it is billed for: a debt of this invoice may have been all that kept it from service."""
    with platform_scope(reason="what else is billed"):
        live = Subscription.objects.filter(tenant_id=tenant_id).exclude(state=State.CANCELLED)
        return live.values_list("stripe_id", flat=True).first() or ""


def _payer(tenant_ids: Iterable[UUID]) -> BillingAccount | None:
    """Who pays for what is kept here already, so that Stripe need not be asked whose it is; None where nothing is kept."""
    with platform_scope(reason="who pays for it"):
        return BillingAccount.objects.exclude(stripe_customer_id="").filter(tenant__in=tenant_ids).first()


def _write[T](customer_id: str, fetch: Callable[[], T], write: Callable[[BillingAccount, T], None]) -> UUID:
    account = _account(customer_id)
    _write_for(account, fetch, write)
    return account.tenant_id


def _write_for[T](account: BillingAccount, fetch: Callable[[], T], write: Callable[[BillingAccount, T], None]) -> T:
    """Fetch after `account` was read, and write if nobody has written since; what was written."""
    for _turn in range(_MOST_LOOKS):
        fetched = fetch()
        with platform_scope(reason="apply what Stripe says"), transaction.atomic():
            rows = BillingAccount.objects.filter(pk=account.pk, looks=account.looks)
            if rows.update(looks=F("looks") + 1):
                write(account, fetched)
                return fetched
        account = _account(account.stripe_customer_id)
    raise TemporaryFailure("others write all the time", code="billing_busy")


def _account(customer_id: str) -> BillingAccount:
    with platform_scope(reason="account of a customer"):
        found = BillingAccount.objects.filter(stripe_customer_id=customer_id).first() if customer_id else None
    if found is None:
        raise NobodysObject(f"{customer_id} is nobody's customer", code="billing_nobodys")
    return found


def _known[T](question: Callable[[], T]) -> T:
    try:
        return question()
    except NoSuchObject as error:
        raise NobodysObject(error.message, code="billing_nobodys") from None


def _write_subscription(account: BillingAccount, fetched: AtStripe) -> None:
    write_subscription(account.tenant_id, fetched)


def _customer_with_numbers(customer_id: str) -> tuple[Customer, list[TaxId]]:
    found = stripe().customers.get(customer_id)
    return found, [] if found.is_deleted else stripe().customers.tax_ids(customer_id)


def _write_customer(account: BillingAccount, both: tuple[Customer, list[TaxId]]) -> None:
    fetched, numbers = both
    if fetched.is_deleted:
        BillingAccount.objects.filter(pk=account.pk).update(has_payment_method=False)
        return
    BillingAccount.objects.filter(pk=account.pk).update(
        name=fetched.name,
        currency=fetched.currency or account.currency,
        contacts=[fetched.email, *account.contacts[1:]] if fetched.email else account.contacts,
        address={name: getattr(fetched.address, name) for name in fetched.address.__slots__},
        tax_ids=sorted([each.kind, each.value] for each in numbers),
        tax_status=fetched.tax_exempt.value,
        has_payment_method=bool(fetched.default_payment_method_id) or account.has_payment_method,
    )


_APPLIERS: Final[Mapping[str, Callable[[str], UUID | None]]] = {
    "customer": apply_customer,
    "customer.subscription": apply_subscription,
    "invoice": apply_invoice,
    "charge": apply_charge,
    "refund": apply_refund,
    "credit_note": apply_credit_note,
}
KINDS: Final = tuple(_APPLIERS)
"""Of which objects `apply` is to hear."""
