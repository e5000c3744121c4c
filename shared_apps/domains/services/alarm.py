"""Many domains failing at once is our trouble, or the world's, and not that of their owners."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from shared_apps.domains.models import CustomDomain
from shared_apps.domains.rules.states import HELD, are_too_many
from shared_apps.domains.types import ClaimState

log = structlog.get_logger(__name__)

# A round of the doctor over all live domains.
TOGETHER: Final = timedelta(hours=6)


def failed_with_many(domain: CustomDomain) -> bool:
    """Whether so many failed in the same round that no record of `domain` can be blamed; operators read it in the log then.

    Nothing is released in such a case: it waits until the records are back, or until people look and decide (two queries).
    """
    since = domain.failing_since_at
    if since is None or domain.live_at is None:
        return False
    once_live = CustomDomain.objects.filter(state__in=HELD, live_at__isnull=False)
    together = once_live.filter(state=ClaimState.FAILING, failing_since_at__range=(since - TOGETHER, since + TOGETHER)).count()
    if not are_too_many(together, of=once_live.count()):
        return False
    log.error("domains_fail_together", count=together, host=domain.host)
    return True
