"""The one task that an isolation test runs: it says where it runs."""

from __future__ import annotations

from celery import shared_task

from tenants.scope import require_scope


@shared_task(name="provisioning.tell_scope")  # type: ignore[untyped-decorator]  # Celery is untyped
def tell_scope() -> str:
    """The key of the scope that its header led it to. Twice: the same."""
    return require_scope().key
