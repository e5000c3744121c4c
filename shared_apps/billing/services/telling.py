"""The registry is told what an organization's own pages have to say about paying: a request never reads `public`."""

from __future__ import annotations

from shared_apps.billing.models import Subscription
from shared_apps.billing.rules.notice import notice_of
from shared_apps.billing.types import State
from tenants.models import Tenant
from tenants.registry import update_tenant


def tell_registry(subscription: Subscription) -> None:
    """Write the notice where it is another. In the transaction that writes the subscription. Twice: nothing."""
    notice, until = notice_of(
        State(subscription.state),
        is_paid_for=bool(subscription.stripe_id),
        trial_ends_at=subscription.trial_ends_at,
        grace_until=subscription.grace_until,
        is_cancelled=subscription.cancel_at is not None,
    )
    told = Tenant.objects.filter(pk=subscription.tenant_id, payment_notice=notice, payment_notice_until=until)
    if not told.exists():
        update_tenant(tenant_id=subscription.tenant_id, payment_notice=notice, payment_notice_until=until)
