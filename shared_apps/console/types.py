"""What the console's lists show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise

from kernel.ids import format_public_id
from kernel.money import Money
from kernel.outbox.models import OutboxMessage
from kernel.outbox.selectors import QueueLine
from shared_apps.plans.models import Plan, PlanVersion
from shared_apps.plans.types import Difference, Entitlement, PlanKind, Value, VersionContents
from shared_apps.webhook_inbox.selectors import EventLine
from tenants.limits import PlanLimits, plan_limits
from tenants.models import Tenant
from tenants.suspending import holders_of
from tenants.types import TENANT_PREFIX, SuspendedBy, TenantStatus

# Some types are named like their class.
_WORD_START: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BADGES = {
    TenantStatus.ACTIVE: "ok",
    TenantStatus.PROVISIONING: "info",
    TenantStatus.MAINTENANCE: "warn",
    TenantStatus.SUSPENDED: "bad",
    TenantStatus.CLOSING: "warn",
    TenantStatus.ERASED: "",
}


@dataclass(frozen=True, slots=True)
class TenantRow:
    """An organization in a list. `size_bytes` is its schema with indexes; None when it has none (any more).

    `plan_name` is its plan as people know it.
    """

    tenant: Tenant
    host: str
    url: str
    size_bytes: int | None
    plan_name: str

    @property
    def id_text(self) -> str:
        """The id that addresses carry."""
        return format_public_id(TENANT_PREFIX, self.tenant.pk)

    @property
    def state_label(self) -> str | Promise:
        return TenantStatus(self.tenant.status).label

    @property
    def badge(self) -> str:
        """The kind of badge that its state wears."""
        return _BADGES[TenantStatus(self.tenant.status)]

    @property
    def is_suspendable(self) -> bool:
        """Also what billing has suspended: its narrow door is shut by that."""
        return self.is_closable and SuspendedBy.OPERATOR not in holders_of(self.tenant)

    @property
    def held_by(self) -> list[SuspendedBy]:
        """On whose words it is suspended, in the order in which they are taken back."""
        held = holders_of(self.tenant)
        return [word for word in SuspendedBy if word in held]

    @property
    def is_closable(self) -> bool:
        return self.tenant.status in {TenantStatus.ACTIVE, TenantStatus.SUSPENDED, TenantStatus.MAINTENANCE}

    @property
    def is_resumable(self) -> bool:
        """Maintenance is left by releasing it from its quarantine, or by a retry that succeeds."""
        return self.tenant.status == TenantStatus.SUSPENDED


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many organizations are in one state."""

    state: TenantStatus
    count: int

    @property
    def label(self) -> str | Promise:
        return self.state.label


@dataclass(frozen=True, slots=True)
class EntitlementLine:
    """One entitlement and its value, from a plan or from what an organization was given."""

    entitlement: Entitlement
    value: Value

    @property
    def is_switch(self) -> bool:
        return isinstance(self.value, bool)

    @property
    def text(self) -> str:
        """The number, in groups of three."""
        return f"{self.value:,}" if self.value is not None else ""

    @property
    def is_unlimited(self) -> bool:
        return self.value is None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A plan or an add-on: what its current version says, what its organizations may take of what all share, who is on it.

    `contents` is None, and `number` 0, before anything was published; `draft` is the number of what is being worked on.
    `by_version` counts organizations, of an add-on those that have any of it.
    """

    plan: Plan
    number: int
    contents: VersionContents | None
    lines: tuple[EntitlementLine, ...]
    draft: int | None
    by_version: Mapping[int, int]

    @property
    def tenant_count(self) -> int:
        """All that are on it, whichever version."""
        return sum(self.by_version.values())

    @property
    def behind(self) -> int:
        """How many are on another version than the current one."""
        return self.tenant_count - self.by_version.get(self.number, 0)

    @property
    def is_add_on(self) -> bool:
        return self.plan.kind == PlanKind.ADD_ON

    @property
    def limits(self) -> PlanLimits:
        return plan_limits(self.plan.code)


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One currency and interval of the list of plans; `cells` has each plan's price, None where it has none."""

    label: str
    cells: Sequence[Money | None]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in a plan's history: who is on it, and what it says otherwise than the one before."""

    version: PlanVersion
    contents: VersionContents
    subscribers: int
    is_current: bool
    differences: Sequence[Difference]


def message_name(event_type: str) -> str:
    """An event or a job in words: `bookings.booking_confirmed.v1` is a “Booking confirmed”."""
    parts = event_type.split(".")
    name = parts[1] if len(parts) > 1 else event_type
    return _WORD_START.sub(" ", name).replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message in a list. `tenant` is None for the platform's own, and for one that is gone."""

    message: OutboxMessage
    tenant: Tenant | None

    @property
    def name(self) -> str:
        return message_name(self.message.event_type)

    @property
    def id_text(self) -> str:
        """The organization's id as addresses carry it; empty without one."""
        return format_public_id(TENANT_PREFIX, self.tenant.pk) if self.tenant else ""


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """An event of Stripe's in a list. `tenant` is None while nobody has applied it, and for one that is gone."""

    line: EventLine
    tenant: Tenant | None

    @property
    def id_text(self) -> str:
        """The organization's id as addresses carry it; empty without one."""
        return format_public_id(TENANT_PREFIX, self.tenant.pk) if self.tenant else ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One organization's queue. `tenant` is None for the platform's own, and for one that is gone."""

    line: QueueLine
    tenant: Tenant | None

    @property
    def id_text(self) -> str:
        """The id that addresses carry; empty without an organization."""
        return format_public_id(TENANT_PREFIX, self.tenant.pk) if self.tenant else ""

    @property
    def has_to_wait(self) -> bool:
        """Whether it gets no worker, as while it is suspended."""
        return self.line.at_once == 0

    @property
    def lag_seconds(self) -> int:
        """For how long its oldest due work has been waiting."""
        return round(self.line.lag.total_seconds())


@dataclass(frozen=True, slots=True)
class QueueList:
    """The queues of those who wait longest, and how many more organizations have work."""

    rows: tuple[QueueRow, ...]
    left_out: int
