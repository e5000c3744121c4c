"""Asking the ledger in one statement what the query builder has no words for."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db import connection

_MONTHS: Final = 12

# Each entry with the moment from which on the next one of its subscription counts instead.
SPANS: Final = """
    spans AS (
        SELECT tenant_id, subscription_id, state, plan_code, interval, is_billed, after_minor, at,
            lead(at) OVER (PARTITION BY subscription_id ORDER BY number) AS until
        FROM business_mrrentry WHERE currency = %(currency)s
    ),
    months AS (
        SELECT month::date AS month, (month + interval '1 month') AT TIME ZONE 'UTC' AS ends
        FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, interval '1 month') AS month
    )
"""


def asked(statement: str, **values: Any) -> list[tuple[Any, ...]]:  # Any: what PostgreSQL takes and answers
    """The rows that it answers with. On the platform's tables."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def months_until(today: date, count: int) -> list[date]:
    """The first days of so many months, the last of them today's."""
    last = today.year * _MONTHS + today.month - 1
    return [date(month // _MONTHS, month % _MONTHS + 1, 1) for month in range(last - count + 1, last + 1)]
