"""How many reports of the security policy a marketplace's browsers, or the platform's, may write into the log."""

from __future__ import annotations

from typing import Final

from tenants.rates import Rate, count

_ALL_TOGETHER: Final = Rate("policy_reports", limit=120, seconds=60)


def count_policy_report() -> None:
    """Count one more in the scope at hand: the broken page of one marketplace hides no other's.

    Raises:
        Throttled: it is one too many.
    """
    count(_ALL_TOGETHER, "everybody")
