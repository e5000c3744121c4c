"""Housekeeping of archives."""

from __future__ import annotations

from celery import shared_task

from shared_apps.archives.services import delete_expired


@shared_task(name="archives.delete_expired")  # type: ignore[untyped-decorator]  # Celery is untyped
def delete_expired_archives() -> None:
    """Delete the archives whose week is over. Twice: the second time there are none."""
    delete_expired()
