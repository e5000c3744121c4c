"""Everything that counts as revenue, or takes it away, in one relation; added up by whatever is asked for.

Columns are named as those of `invoicing.Billed`, in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from django.db import connection

AMOUNTS: Final = (
    "invoices", "invoiced_minor", "paid_minor", "open_minor", "written_off_minor", "voided_minor",
    "refunded_minor", "outside_minor", "lost_minor", "fees_minor",
)  # fmt: skip
_MONTH: Final = "date_trunc('month', {0} AT TIME ZONE 'UTC')::date"
# The plan that somebody is on, or was on last, is the one that they paid for; of what people wrote by hand there is none.
_PLAN: Final = "coalesce((SELECT s.plan_code FROM billing_subscription s WHERE s.stripe_id = {0} AND {0} <> ''), '')"
_LATER: Final = "EXISTS (SELECT FROM billing_billingreversal n WHERE n.stripe_id = r.stripe_id AND n.number > r.number)"
_OF_INVOICE: Final = "(SELECT i.subscription_stripe_id FROM billing_billinginvoice i WHERE i.stripe_id = r.invoice_stripe_id)"
REVENUE: Final = f"""
    SELECT i.tenant_id, i.currency, {_MONTH.format("i.issued_at")} AS month_on,
        {_PLAN.format("i.subscription_stripe_id")} AS plan_code,
        (i.status <> 'void')::int AS invoices,
        CASE WHEN i.status <> 'void' THEN i.total_minor ELSE 0 END AS invoiced_minor,
        CASE WHEN i.status <> 'void' THEN i.paid_minor ELSE 0 END AS paid_minor,
        CASE WHEN i.status NOT IN ('void', 'uncollectible') THEN i.remaining_minor ELSE 0 END AS open_minor,
        CASE WHEN i.status = 'uncollectible' THEN i.remaining_minor ELSE 0 END AS written_off_minor,
        CASE WHEN i.status = 'void' THEN i.total_minor ELSE 0 END AS voided_minor,
        0 AS refunded_minor, 0 AS outside_minor, 0 AS lost_minor, 0 AS fees_minor
    FROM billing_billinginvoice i
    UNION ALL
    SELECT r.tenant_id, r.currency, {_MONTH.format("r.at")}, {_PLAN.format(_OF_INVOICE)}, 0, 0, 0, 0, 0, 0,
        CASE WHEN r.state = 'returned' THEN r.amount_minor ELSE 0 END, 0,
        CASE WHEN r.state = 'lost' THEN r.amount_minor ELSE 0 END, 0
    FROM billing_billingreversal r WHERE r.state IN ('returned', 'lost') AND NOT {_LATER}
    UNION ALL
    SELECT r.tenant_id, r.fee_currency, {_MONTH.format("r.at")}, {_PLAN.format(_OF_INVOICE)},
        0, 0, 0, 0, 0, 0, 0, 0, 0, r.fee_minor
    FROM billing_billingreversal r WHERE r.fee_minor <> 0 AND NOT {_LATER}
    UNION ALL
    SELECT c.tenant_id, c.currency, {_MONTH.format("c.issued_at")}, {_PLAN.format("i.subscription_stripe_id")},
        0, 0, 0, 0, 0, 0, 0, c.outside_minor, 0, 0
    FROM billing_billingcreditnote c JOIN billing_billinginvoice i ON i.id = c.invoice_id
    WHERE c.status = 'issued' AND c.outside_minor <> 0
"""  # noqa: S608  # our own words
"""What is told of organizations that there are; the sums of those that are gone are rows of the same columns."""
_ALL: Final = f"""
    {REVENUE}
    UNION ALL SELECT NULL, currency, month_on, plan_code, {", ".join(AMOUNTS)} FROM billing_formermonth
"""  # noqa: S608  # as above
_SUMS: Final = ", ".join(f"sum({name})::bigint AS {name}" for name in AMOUNTS)
_KEEP: Final = f"""
    INSERT INTO billing_formermonth (currency, month_on, plan_code, {", ".join(AMOUNTS)})
    SELECT currency, month_on, plan_code, {_SUMS} FROM ({REVENUE}) AS revenue
    WHERE tenant_id = ANY(%(tenants)s) GROUP BY currency, month_on, plan_code
    ON CONFLICT (currency, month_on, plan_code) DO UPDATE
    SET {", ".join(f"{name} = billing_formermonth.{name} + excluded.{name}" for name in AMOUNTS)}
"""  # noqa: S608  # as above


def summed_by(
    column: Literal["month_on", "tenant_id"], *, currency: str, since: date
) -> list[tuple[Any, ...]]:  # Any: a month or an id, and integers
    """For each value of `column` all amounts, from the beginning of a month on (one query). On the platform's tables."""
    statement = f"""
        SELECT {column}, {_SUMS} FROM ({_ALL}) AS revenue
        WHERE currency = %(currency)s AND month_on >= %(since)s GROUP BY {column} ORDER BY {column}
    """  # noqa: S608  # as above
    with connection.cursor() as cursor:
        cursor.execute(statement, {"currency": currency, "since": since.replace(day=1)})
        rows: list[tuple[Any, ...]] = cursor.fetchall()  # Any: as above
    return rows


def last_month(currency: str) -> date | None:
    """The latest month of which anything is told; None of nothing (one query). On the platform's tables."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(month_on) FROM ({_ALL}) AS revenue WHERE currency = %s", [currency])  # noqa: S608  # as above
        (found,) = cursor.fetchone() or (None,)
    return None if found is None else date(found.year, found.month, 1)


def add_to_former(tenant_ids: Sequence[UUID]) -> None:
    """Add what these were billed to the sums of those who are gone. In the transaction that deletes their rows, before that."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"tenants": list(tenant_ids)})
