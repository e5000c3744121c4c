"""Tidies up after the owners' walks, once an hour (config.schedule)."""

from __future__ import annotations

from celery import shared_task

from shared_apps.entry.services import forget_old_codes


@shared_task(name="entry.forget_codes")  # type: ignore[untyped-decorator]  # Celery is untyped
def forget_codes() -> None:
    """Delete the codes that can open nothing any more. In the platform's scope; may run twice."""
    forget_old_codes()
