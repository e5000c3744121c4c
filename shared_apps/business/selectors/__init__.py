"""What recurs, how it came to that, and whether the ledger is whole. On the platform's tables, for operators."""

from shared_apps.business.selectors.asking import months_until
from shared_apps.business.selectors.ledger import entries_after, ledger_ties
from shared_apps.business.selectors.lives import cohorts, owing_by_month, trials_by_month
from shared_apps.business.selectors.standing import months_moved, plan_mix, standing_by_currency, values_of
from shared_apps.business.selectors.usage import usage_outliers

__all__ = [
    "cohorts",
    "entries_after",
    "ledger_ties",
    "months_moved",
    "months_until",
    "owing_by_month",
    "plan_mix",
    "standing_by_currency",
    "trials_by_month",
    "usage_outliers",
    "values_of",
]
