"""The one table of what can be enqueued, with its limits, and of what is done in each marketplace once a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from kernel.idempotency.jobs import PurgeKeys
from kernel.jobs import Job, Kind
from kernel.outbox.models import Priority
from kernel.schedules import Daily
from provisioning.erasing.jobs import TellCustomersOfClosing, TellCustomersOfReopening
from shared_apps.accounts.jobs import ForgetSessions
from shared_apps.archives.jobs import TakeSnapshot
from shared_apps.isolation.jobs import TryIsolation
from shared_apps.metering.jobs import CompareUsage, ReportUsage
from shared_apps.plans.jobs import MoveSubscribers, SyncCatalogue
from shared_apps.webhook_inbox.jobs import ApplyWebhook, ReconcileWebhooks
from tenant_apps.backoffice.jobs import CountUse
from tenant_apps.providers.jobs import WeighPictures

# Not worth doing once the next one is due.
_NIGHTLY_DEADLINE: Final = timedelta(hours=20)

KINDS: Final[dict[type[Job], Kind]] = {
    PurgeKeys: Kind(handler="kernel.idempotency.handlers.purge_keys_of_tenant", deadline=_NIGHTLY_DEADLINE),
    ForgetSessions: Kind(handler="shared_apps.accounts.handlers.forget_sessions_of_tenant", deadline=_NIGHTLY_DEADLINE),
    TakeSnapshot: Kind(handler="shared_apps.archives.handlers.take_snapshot_of_tenant", deadline=_NIGHTLY_DEADLINE),
    TellCustomersOfClosing: Kind(handler="provisioning.erasing.telling.tell_of_closing"),
    TellCustomersOfReopening: Kind(handler="provisioning.erasing.telling.tell_of_reopening"),
    # An operator watches the page.
    MoveSubscribers: Kind(handler="shared_apps.plans.handlers.move_subscribers", lease_seconds=60, priority=Priority.PROMPT),
    # Some calls of Stripe for each price that is new.
    SyncCatalogue: Kind(handler="shared_apps.plans.handlers.sync_catalogue", lease_seconds=120),
    # A few seconds a family; whoever watches the page shall not wait behind patient work.
    TryIsolation: Kind(
        handler="provisioning.selftest.handlers.try_isolation", attempts=4, lease_seconds=60, priority=Priority.PROMPT
    ),
    CountUse: Kind(handler="tenant_apps.backoffice.handlers.count_use", deadline=_NIGHTLY_DEADLINE),
    # Twenty calls to Stripe in a part, each of which may take its time.
    ReportUsage: Kind(handler="shared_apps.metering.handlers.report_usage", lease_seconds=240),
    CompareUsage: Kind(handler="shared_apps.metering.handlers.compare_usage", lease_seconds=300, attempts=3),
    # Asks Stripe for ten seconds at most, and once more for what came meanwhile.
    ApplyWebhook: Kind(
        handler="shared_apps.webhook_inbox.handlers.apply_webhook",
        first_delay=timedelta(seconds=2),
        lease_seconds=30,
        priority=Priority.PROMPT,
        comes_in_crowds=True,
    ),
    # What is not done in one round is in the next.
    ReconcileWebhooks: Kind(
        handler="shared_apps.webhook_inbox.handlers.reconcile_webhooks",
        attempts=3,
        lease_seconds=240,
        deadline=timedelta(minutes=30),
        is_long=True,
    ),
    WeighPictures: Kind(handler="tenant_apps.providers.handlers.weigh_pictures_of_tenant", deadline=_NIGHTLY_DEADLINE),
}

SCHEDULES: Final = (
    # Early, so that a month begins with what stands there.
    Daily(job=CountUse(), hour=0),
    Daily(job=TakeSnapshot(), hour=2),
    Daily(job=PurgeKeys(), hour=3),
    Daily(job=ForgetSessions(), hour=4),
    Daily(job=WeighPictures(), hour=5),
)
