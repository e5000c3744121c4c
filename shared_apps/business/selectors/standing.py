"""What recurs now, and how it came to that month by month."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from kernel.actor import Actor
from shared_apps.business.rules import OWING
from shared_apps.business.selectors.asking import SPANS, asked
from shared_apps.business.types import CurrencyStanding, MixLine, MonthMoved, Movement

_OWING: Final = sorted(state.value for state in OWING)
_LAST: Final = """
    last AS (
        SELECT DISTINCT ON (subscription_id, currency)
            tenant_id, currency, state, is_billed, plan_code, interval, after_minor, at
        FROM business_mrrentry ORDER BY subscription_id, currency, number DESC
    )
"""
_STANDING: Final = f"""
    WITH {_LAST}
    SELECT currency, sum(after_minor)::bigint, count(DISTINCT tenant_id) FILTER (WHERE after_minor > 0),
        coalesce(sum(after_minor) FILTER (WHERE is_billed AND state = ANY(%(owing)s)), 0)::bigint,
        count(DISTINCT tenant_id) FILTER (WHERE is_billed AND state = ANY(%(owing)s)), max(at)
    FROM last GROUP BY currency ORDER BY 3 DESC, currency
"""  # noqa: S608  # our own words
_MIX: Final = f"""
    WITH {_LAST}
    SELECT plan_code, interval, count(*) FILTER (WHERE after_minor > 0), sum(after_minor)::bigint,
        count(*) FILTER (WHERE state = 'trialing' AND after_minor = 0)
    FROM last WHERE currency = %(currency)s AND (after_minor > 0 OR state = 'trialing')
    GROUP BY plan_code, interval ORDER BY 4 DESC, plan_code, interval
"""  # noqa: S608  # our own words
_OF_EACH: Final = f"""
    WITH {_LAST}
    SELECT tenant_id, sum(after_minor)::bigint FROM last
    WHERE currency = %(currency)s AND tenant_id = ANY(%(tenants)s) GROUP BY tenant_id
"""  # noqa: S608  # our own words
_MOVED: Final = """
    SELECT date_trunc('month', at AT TIME ZONE 'UTC')::date, movement, sum(after_minor - before_minor)::bigint, count(*)
    FROM business_mrrentry WHERE currency = %(currency)s AND movement <> '' AND at >= %(first)s::timestamp AT TIME ZONE 'UTC'
    GROUP BY 1, 2
"""
_CLOSED: Final = f"""
    WITH {SPANS}
    SELECT month, coalesce(sum(after_minor), 0)::bigint
    FROM months LEFT JOIN spans ON at < ends AND (until IS NULL OR until >= ends) GROUP BY month
"""  # noqa: S608  # our own words


def standing_by_currency(actor: Actor) -> list[CurrencyStanding]:
    """Every currency in which somebody ever had a subscription, the one that most pay in first (one query).

    Raises:
        PermissionDenied: the actor may not see what the platform earns.
    """
    actor.require("business.view")
    return [CurrencyStanding(*row) for row in asked(_STANDING, owing=_OWING)]


def months_moved(actor: Actor, currency: str, months: Sequence[date]) -> list[MonthMoved]:
    """The movements of these months, one after the other (two queries).

    What the ledger stood at is added up from what each subscription counted for then, and not from the movements.

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    before = (months[0] - timedelta(days=1)).replace(day=1)
    stood: Mapping[date, int] = dict(asked(_CLOSED, currency=currency, first=before, last=months[-1]))
    moved: dict[date, dict[Movement, tuple[int, int]]] = {}
    for month, movement, amount, count in asked(_MOVED, currency=currency, first=months[0]):
        moved.setdefault(month, {})[Movement(movement)] = (amount, count)
    return [
        MonthMoved(
            month,
            stood[earlier],
            stood[month],
            {movement: amount for movement, (amount, _count) in moved.get(month, {}).items()},
            {movement: count for movement, (_amount, count) in moved.get(month, {}).items()},
        )
        for earlier, month in zip([before, *months], months, strict=False)
    ]


def plan_mix(actor: Actor, currency: str) -> list[MixLine]:
    """Who is on which plan, and pays how, what most comes of first; in trial too (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    return [MixLine(*row) for row in asked(_MIX, currency=currency)]


def values_of(actor: Actor, currency: str, tenant_ids: Collection[UUID]) -> dict[UUID, int]:
    """What each of these organizations counts for in a month (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    return dict(asked(_OF_EACH, currency=currency, tenants=list(tenant_ids)))
