"""What Stripe says, written here: the object is fetched, and what it says *now* counts, not what an event said (R31).

Any order and any number of times gives the same: each write names the look before it, so that an older answer than one that
was written meanwhile is thrown away, and asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F

from integrations.stripe.errors import NoSuchObject
from integrations.stripe.gateway.customers import Customer
from integrations.stripe.gateway.subscription import Subscription as AtStripe
from kernel.errors import TemporaryFailure
from shared_apps.billing.errors import SecondSubscription
from shared_apps.billing.models import BillingAccount, BillingInvoice, Subscription
from shared_apps.billing.services.gateway import stripe
from shared_apps.billing.services.writing import write_invoice, write_subscription
from shared_apps.billing.types import State
from shared_apps.webhook_inbox.errors import NobodysObject
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)
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
    customer_id = _customer_of(stripe_id) or _known(lambda: stripe().subscriptions.get(stripe_id)).customer_id
    return _write(customer_id, lambda: _known(lambda: stripe().subscriptions.get(stripe_id)), _write_subscription)


def apply_customer(customer_id: str) -> UUID:
    """Bring who pays to what Stripe's customer says; as `apply_subscription`."""
    return _write(customer_id, lambda: _known(lambda: stripe().customers.get(customer_id)), _write_customer)


def apply_invoice(invoice_id: str) -> UUID | None:
    """Keep what an invoice says, and bring its subscription along; as `apply_subscription`. None of one that was deleted."""
    try:
        fetched = stripe().invoices.get(invoice_id)
    except NoSuchObject:
        # A draft that somebody threw away.
        with platform_scope(reason="forget a draft"):
            BillingInvoice.objects.filter(stripe_id=invoice_id).delete()
        return None
    tenant_id = _write(fetched.customer_id, lambda: stripe().invoices.get(invoice_id), write_invoice)
    if fetched.subscription_id:
        apply_subscription(fetched.subscription_id)
    return tenant_id


def reconcile() -> int:
    """Apply every subscription that Stripe has, and every one that ours says it has; how many were not as they should be."""
    theirs = {each.id for each in stripe().subscriptions.all()}
    with platform_scope(reason="reconcile subscriptions"):
        live = Subscription.objects.exclude(stripe_id="").exclude(state=State.CANCELLED)
        ours = set(live.values_list("stripe_id", flat=True))
    return sum(_was_wrong(stripe_id) for stripe_id in sorted(theirs | ours))


def _was_wrong(stripe_id: str) -> bool:
    before = _revision_of(stripe_id)
    try:
        apply_subscription(stripe_id)
    except NobodysObject:
        return False
    except SecondSubscription as error:
        # For a person; the others' are still compared.
        log.error(  # noqa: TRY400  # the sentence says all
            "two subscriptions of one organization", subscription=stripe_id, reason=error.message
        )
        return False
    return _revision_of(stripe_id) != before


def _revision_of(stripe_id: str) -> int | None:
    with platform_scope(reason="revision of a subscription"):
        return Subscription.objects.filter(stripe_id=stripe_id).values_list("revision", flat=True).first()


def _customer_of(stripe_id: str) -> str:
    with platform_scope(reason="customer of a subscription"):
        tenant = Subscription.objects.filter(stripe_id=stripe_id).values("tenant")
        found = BillingAccount.objects.filter(tenant__in=tenant).values_list("stripe_customer_id", flat=True).first()
    return found or ""


def _write[T](customer_id: str, fetch: Callable[[], T], write: Callable[[BillingAccount, T], None]) -> UUID:
    for _turn in range(_MOST_LOOKS):
        account = _account(customer_id)
        fetched = fetch()
        with platform_scope(reason="apply what Stripe says"), transaction.atomic():
            rows = BillingAccount.objects.filter(pk=account.pk, looks=account.looks)
            if rows.update(looks=F("looks") + 1):
                write(account, fetched)
                return account.tenant_id
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


def _write_customer(account: BillingAccount, fetched: Customer) -> None:
    if fetched.is_deleted:
        BillingAccount.objects.filter(pk=account.pk).update(has_payment_method=False)
        return
    BillingAccount.objects.filter(pk=account.pk).update(
        name=fetched.name,
        currency=fetched.currency or account.currency,
        contacts=[fetched.email, *account.contacts[1:]] if fetched.email else account.contacts,
        address={name: getattr(fetched.address, name) for name in fetched.address.__slots__},
        has_payment_method=bool(fetched.default_payment_method_id) or account.has_payment_method,
    )


_APPLIERS: Final[Mapping[str, Callable[[str], UUID | None]]] = {
    "customer": apply_customer,
    "customer.subscription": apply_subscription,
    "invoice": apply_invoice,
}
KINDS: Final = tuple(_APPLIERS)
"""Of which objects `apply` is to hear."""
