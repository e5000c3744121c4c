"""Tidies up after people who left the platform, once a day (config.schedule)."""

from __future__ import annotations

from celery import shared_task

from shared_apps.accounts.services import forget_expired_sessions


@shared_task(name="accounts.forget_sessions")  # type: ignore[untyped-decorator]  # Celery is untyped
def forget_sessions() -> None:
    """Delete the current scope's sessions that have run out. May run twice."""
    forget_expired_sessions()
