"""What the clock does to bookings, once a minute in every marketplace (config.schedule)."""

from __future__ import annotations

from celery import shared_task

from kernel import clock
from tenant_apps.bookings.services import complete_overdue, expire_holds, expire_pending


@shared_task(name="bookings.sweep")  # type: ignore[untyped-decorator]  # Celery is untyped
def sweep_bookings() -> None:
    """Let lapsed holds and unanswered requests go, and count bookings of yesterday as done.

    May run twice and at the same time: each row is claimed by its state (services.timers).
    """
    now = clock.now()
    expire_holds(now=now)
    expire_pending(now=now)
    complete_overdue(now=now)
