"""What became of those who began in the same month: trials, cohorts, and payments that began to be owed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from kernel.actor import Actor
from shared_apps.business.rules import LEFT, OWING
from shared_apps.business.selectors.asking import SPANS, asked
from shared_apps.business.types import Cohort, CohortMonth, OwingMonth, TrialMonth

_OWING: Final = sorted(state.value for state in OWING)
_LEFT: Final = sorted(state.value for state in LEFT)
# The first thing that was heard of an organization, in whichever currency it paid later.
_TRIALS: Final = """
    WITH first AS (
        SELECT DISTINCT ON (tenant_id) tenant_id, state, currency, at FROM business_mrrentry ORDER BY tenant_id, at, id
    ),
    last AS (
        SELECT DISTINCT ON (tenant_id) tenant_id, state FROM business_mrrentry ORDER BY tenant_id, at DESC, id DESC
    ),
    paying AS (SELECT DISTINCT tenant_id FROM business_mrrentry WHERE after_minor > 0)
    SELECT date_trunc('month', first.at AT TIME ZONE 'UTC')::date, count(*), count(paying.tenant_id),
        count(*) FILTER (WHERE paying.tenant_id IS NULL AND last.state = 'trialing')
    FROM first JOIN last USING (tenant_id) LEFT JOIN paying USING (tenant_id)
    WHERE first.state = 'trialing' AND first.currency = %(currency)s AND first.at >= %(first)s::timestamp AT TIME ZONE 'UTC'
    GROUP BY 1
"""
_COHORTS: Final = f"""
    WITH {SPANS},
    begun AS (
        SELECT DISTINCT ON (tenant_id) tenant_id, after_minor AS minor,
            date_trunc('month', at AT TIME ZONE 'UTC')::date AS cohort
        FROM business_mrrentry WHERE currency = %(currency)s AND after_minor > 0 ORDER BY tenant_id, at, id
    ),
    sizes AS (SELECT cohort, count(*) AS size, sum(minor)::bigint AS minor FROM begun GROUP BY cohort),
    stayed AS (
        SELECT cohort, month, count(DISTINCT tenant_id) AS paying, sum(after_minor)::bigint AS mrr
        FROM begun JOIN spans USING (tenant_id) JOIN months ON spans.at < ends AND (until IS NULL OR until >= ends)
        WHERE after_minor > 0 GROUP BY cohort, month
    )
    SELECT sizes.cohort, size, minor, month, coalesce(paying, 0), coalesce(mrr, 0)
    FROM sizes JOIN months ON month >= sizes.cohort LEFT JOIN stayed USING (cohort, month)
    WHERE sizes.cohort >= %(first)s::date ORDER BY sizes.cohort, month
"""  # noqa: S608  # our own words
# From the entry with which somebody begins to owe to the first one after it that is of another sort.
_OWED: Final = """
    WITH entries AS (
        SELECT *, lag(state) OVER (PARTITION BY subscription_id ORDER BY number) AS before
        FROM business_mrrentry WHERE currency = %(currency)s
    )
    SELECT date_trunc('month', began.at AT TIME ZONE 'UTC')::date, count(*),
        count(*) FILTER (WHERE ended.state IS NOT NULL AND ended.state <> ALL(%(left)s)),
        count(*) FILTER (WHERE ended.state = ANY(%(left)s))
    FROM entries began LEFT JOIN LATERAL (
        SELECT later.state FROM business_mrrentry later
        WHERE later.subscription_id = began.subscription_id AND later.number > began.number
            AND later.state <> ALL(%(owing)s)
        ORDER BY later.number LIMIT 1
    ) AS ended ON true
    WHERE began.state = ANY(%(owing)s) AND coalesce(began.before, '') <> ALL(%(owing)s)
        AND began.is_billed AND began.at >= %(first)s::timestamp AT TIME ZONE 'UTC'
    GROUP BY 1
"""


def trials_by_month(actor: Actor, currency: str, months: Sequence[date]) -> list[TrialMonth]:
    """What became of the trials that began in each of these months (one query).

    Raises:
        PermissionDenied: the actor may not see what the platform earns.
    """
    actor.require("business.view")
    found = {row[0]: row[1:] for row in asked(_TRIALS, currency=currency, first=months[0])}
    return [TrialMonth(month, *found.get(month, (0, 0, 0))) for month in months]


def cohorts(actor: Actor, currency: str, months: Sequence[date]) -> list[Cohort]:
    """Those of these months in which somebody paid for the first time, with what became of them (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    found: dict[date, tuple[int, int, list[CohortMonth]]] = {}
    rows = asked(_COHORTS, currency=currency, first=months[0], last=months[-1])
    for cohort, size, minor, _month, paying, mrr in rows:
        found.setdefault(cohort, (size, minor, []))[2].append(CohortMonth(paying, mrr))
    return [Cohort(month, *parts) for month, parts in found.items()]


def owing_by_month(actor: Actor, currency: str, months: Sequence[date]) -> list[OwingMonth]:
    """How often a payment failed for good at first, and how that ended (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    values = {"currency": currency, "first": months[0], "owing": _OWING, "left": _LEFT}
    found = {row[0]: row[1:] for row in asked(_OWED, **values)}
    return [OwingMonth(month, *found.get(month, (0, 0, 0))) for month in months]
