"""A replay of usage as a chart and as lines of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from kernel.ids import format_public_id
from kernel.money import Money, sum_money
from shared_apps.console.files import harmless, plain_amount
from shared_apps.console.pictures import money_words, units
from shared_apps.plans.types import MonthReplayed, WhatIf
from tenants.types import TENANT_PREFIX
from themes.engine.art.charts import ChartPoint, scale_values

CSV_COLUMNS: Final = (
    "organization", "name", "address", "version", "month", "currency", "paid_now", "paid_then", "difference", "overage_then",
    "refused_now", "refused_then",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chart:
    """What would have come in each month against what did, in the currency that most pay in."""

    currency: str
    points: Sequence[ChartPoint]
    axis: Sequence[str]


def chart_of(found: WhatIf) -> Chart | None:
    """None where nobody pays anything. The dashed line is what came in."""
    if not found.sums:
        return None
    currency = max(found.sums, key=lambda one: one.tenants).currency
    mine = [replay for replay in found.replays if replay.currency == currency]
    points = []
    for place, month in enumerate(found.months):
        then, now = (
            sum_money((one[place].paid for one in months), currency=currency)
            for months in ([replay.after for replay in mine], [replay.before for replay in mine])
        )
        points.append(_point(month.strftime("%m.%Y"), then, now))
    return Chart(currency, points, [f"{line:g}" for line in scale_values(points)])


def csv_rows(found: WhatIf) -> Iterator[tuple[str, ...]]:
    """A line for each organization and month, in the order of `CSV_COLUMNS`; amounts in units of the currency."""
    for replay in found.replays:
        for before, after in zip(replay.before, replay.after, strict=True):
            yield (
                format_public_id(TENANT_PREFIX, replay.tenant_id),
                harmless(replay.name),
                replay.slug,
                str(replay.number),
                before.month.isoformat()[:7],
                replay.currency,
                plain_amount(before.paid),
                plain_amount(after.paid),
                plain_amount(after.paid - before.paid),
                plain_amount(after.overage),
                _refused(before),
                _refused(after),
            )


def _point(label: str, then: Money, now: Money) -> ChartPoint:
    words = _("%(month)s: %(amount)s")
    amounts = [(amount.amount_minor, amount.currency) for amount in (then, now)]
    texts = [words % {"month": label, "amount": money_words(*amount)} for amount in amounts]
    return ChartPoint(label, units(*amounts[0]), texts[0], units(*amounts[1]), texts[1])


def _refused(month: MonthReplayed) -> str:
    return get_text_list([f"{hit.entitlement.label}: {hit.used}/{hit.limit}" for hit in month.hits], _("and"))
