"""How organizations are, as the console shows it: the list, the worst ones, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, F, Min, QuerySet
from django.utils.functional import Promise

from kernel.actor import Actor
from kernel.ids import format_public_id
from kernel.paging import Page, fetch_page
from provisioning.health.rules import GOOD_FROM
from provisioning.health.types import Figures, HealthState, Looked, Trouble
from provisioning.health.words import Reason, reason_of
from provisioning.models import TenantHealth
from shared_apps.console.selectors import matching_tenants
from shared_apps.plans.types import ENTITLEMENTS
from tenants.types import TENANT_PREFIX

PAGE_SIZE: Final = 25
_WORST_SHOWN: Final = 5
_BADGES: Final = {HealthState.GOOD: "ok", HealthState.WATCH: "warn", HealthState.BAD: "bad"}


@dataclass(frozen=True, slots=True)
class UseLine:
    """How much of one limit is used, by name."""

    label: str | Promise
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class HealthPicture:
    """An organization's health, ready to be shown."""

    row: TenantHealth
    figures: Figures
    looked: Looked
    reasons: tuple[Reason, ...]

    @property
    def id_text(self) -> str:
        """The id that addresses carry."""
        return format_public_id(TENANT_PREFIX, self.row.tenant_id)

    @property
    def state_label(self) -> str | Promise:
        return HealthState(self.row.state).label

    @property
    def badge(self) -> str:
        """The kind of badge that its state wears."""
        return _BADGES[HealthState(self.row.state)]

    @property
    def uses(self) -> list[UseLine]:
        """The limits that can fill up, other than that of files, which is in bytes."""
        return [
            UseLine(ENTITLEMENTS[use.code].label, use.used, use.limit)
            for use in self.looked.uses
            if use.limit is not None and use.code in ENTITLEMENTS and "megabytes" not in use.code
        ]


@dataclass(frozen=True, slots=True)
class StateLine:
    """How many organizations are in one state of health."""

    state: HealthState
    count: int

    @property
    def label(self) -> str | Promise:
        return self.state.label


def health_page(*, actor: Actor, search: str = "", state: str = "", cursor: str | None = None) -> Page[HealthPicture]:
    """Organizations, the worst first; those that match (one query).

    Raises:
        PermissionDenied: the actor may not see organizations.
        Invalid: the cursor is none of ours.
    """
    actor.require("tenants.view")
    rows = _all()
    if search:
        rows = rows.filter(tenant__in=matching_tenants(search).values("pk"))
    if state in HealthState.values:
        rows = rows.filter(state=state)
    # With the same score by address: who looks twice finds them in the same place.
    page = fetch_page(rows.annotate(slug=F("tenant__slug")), order=("score", "slug"), cursor=cursor, limit=PAGE_SIZE)
    return Page([picture_of(row) for row in page.rows], page.next_cursor, page.previous_cursor)


def worst_tenants(*, actor: Actor) -> Sequence[HealthPicture]:
    """A few of those that need a look, the worst first (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("tenants.view")
    found = _all().filter(score__lt=GOOD_FROM).order_by("score", "tenant__slug")
    return [picture_of(row) for row in found[:_WORST_SHOWN]]


def health_of(*, actor: Actor, tenant_id: UUID) -> HealthPicture | None:
    """One organization's (one query); None where nobody has looked yet, or it is out of service.

    Raises:
        PermissionDenied: as above.
    """
    actor.require("tenants.view")
    row = _all().filter(pk=tenant_id).first()
    return picture_of(row) if row else None


def state_lines() -> tuple[list[StateLine], datetime | None]:
    """How many are in each state, and when the figures of the one that waits longest were gathered (one query)."""
    found = {
        state: (count, oldest)
        for state, count, oldest in TenantHealth.objects.order_by()
        .values_list("state")
        .annotate(count=Count("pk"), oldest=Min("gathered_at"))
    }
    lines = [StateLine(state, found.get(state.value, (0, None))[0]) for state in HealthState]
    return lines, min((oldest for _count, oldest in found.values()), default=None)


def picture_of(row: TenantHealth) -> HealthPicture:
    """A row with its words; its organization has to be loaded."""
    troubles = map(Trouble.from_json, row.troubles)
    reasons = tuple(reason_of(trouble, row.tenant) for trouble in troubles)
    return HealthPicture(row, Figures.from_json(row.figures), Looked.from_json(row.looked), reasons)


def _all() -> QuerySet[TenantHealth]:
    return TenantHealth.objects.select_related("tenant")
