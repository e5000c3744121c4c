"""What the operator's pages read of plans: side by side, one with its history, and who is on which version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from django.conf import settings

from kernel.actor import Actor
from shared_apps.console.selectors import entitlement_lines
from shared_apps.console.types import EntitlementLine, PlanRow, PriceLine, VersionRow
from shared_apps.plans.models import Plan, PlanMove, PlanVersion
from shared_apps.plans.selectors import (
    all_plans,
    contents_of,
    current_and_drafts,
    differences,
    get_plan,
    moves_of,
    price_label,
    subscribers_by_version,
    versions_of,
)
from shared_apps.plans.types import ENTITLEMENTS, Difference, PlanKind, VersionContents


def plan_rows(actor: Actor, kind: PlanKind = PlanKind.PLAN) -> list[PlanRow]:
    """Every plan, or every add-on, the smallest first (six queries, whatever their number).

    Raises:
        PermissionDenied: the actor may not see plans.
    """
    users = subscribers_by_version(actor)
    plans = all_plans(kind)
    versions = current_and_drafts(plans)
    return [_row(plan, versions.get(plan.pk, ()), users.get(plan.code, {})) for plan in plans]


def plan_row(actor: Actor, code: str) -> PlanRow:
    """One plan or add-on (as many queries).

    Raises:
        PermissionDenied: the actor may not see plans.
        PlanNotFound: there is none.
    """
    users = subscribers_by_version(actor)
    plan = get_plan(code, kind=None)
    return _row(plan, current_and_drafts([plan]).get(plan.pk, ()), users.get(plan.code, {}))


def price_lines(rows: Sequence[PlanRow]) -> list[PriceLine]:
    """What they cost, in every currency and for each interval that one of them is sold for."""
    known = sorted({key for row in rows if row.contents for key in row.contents.prices})
    return [
        PriceLine(price_label(*key), [row.contents.price(*key) if row.contents else None for row in rows]) for key in known
    ]  # fmt: skip


def version_rows(row: PlanRow) -> list[VersionRow]:
    """The history of a plan, the newest first, each with what it says otherwise than the one before (four queries)."""
    versions = versions_of(row.plan)
    contents = {version.pk: contents_of(version) for version in versions}
    # Of the first there is nothing before.
    earlier = {newer.pk: contents[older.pk] for newer, older in pairwise(versions)}
    return [
        VersionRow(
            version=version,
            contents=contents[version.pk],
            subscribers=row.by_version.get(version.number, 0),
            is_current=version.number == row.number,
            differences=_differences(earlier.get(version.pk), contents[version.pk]),
        )
        for version in versions
    ]


def moves(row: PlanRow) -> list[PlanMove]:
    """The last orders to move organizations of a plan, the newest first (one query)."""
    return moves_of(row.plan)


def draft_differences(row: PlanRow, contents: VersionContents) -> list[Difference]:
    """What `contents` would change of the current version."""
    return _differences(row.contents, contents)


def added_lines(contents: VersionContents) -> tuple[EntitlementLine, ...]:
    """What one of an add-on adds, without everything that it does not."""
    known = {code: value for code, value in contents.entitlements.items() if code in ENTITLEMENTS}
    return tuple(EntitlementLine(ENTITLEMENTS[code], value) for code, value in known.items())


def _row(plan: Plan, versions: Sequence[PlanVersion], users: Mapping[int, int]) -> PlanRow:
    current = next((version for version in versions if version.pk == plan.current_id), None)
    draft = next((version for version in versions if version.is_draft), None)
    contents = None if current is None else contents_of(current)
    return PlanRow(
        plan=plan,
        number=current.number if current else 0,
        contents=contents,
        lines=_lines(plan, contents),
        draft=draft.number if draft else None,
        by_version=users,
    )


def _lines(plan: Plan, contents: VersionContents | None) -> tuple[EntitlementLine, ...]:
    if contents is None:
        return ()
    return added_lines(contents) if plan.kind == PlanKind.ADD_ON else entitlement_lines(contents.entitlements)


def _differences(before: VersionContents | None, after: VersionContents) -> list[Difference]:
    return [] if before is None else differences(before, after, locale=settings.CONSOLE_LOCALE)
