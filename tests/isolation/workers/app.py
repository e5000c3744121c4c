"""The Celery app of the tests: the real one, with a task that says where it runs, and the leak of STOA_SABOTAGE."""

from __future__ import annotations

import os

import django

django.setup()

from celery import shared_task  # noqa: E402  # Django must be set up

from config.celery import app  # noqa: E402  # as above
from tenant_apps.catalog.models import Category  # noqa: E402  # as above
from tenants import tasks  # noqa: E402  # as above
from tenants.scope import current_tenant  # noqa: E402  # as above

__all__ = ["app", "note_where"]


@shared_task(name="isolation.note_where")
def note_where(number: int, sent_from: str) -> None:
    """Write one row that names the sender, the tenant the task believes to be in, and a text read from its schema."""
    seen = Category.objects.get(slug="deep").name
    Category.objects.create(
        slug=f"noted-{number}-{sent_from}", name=f"noted {number} {sent_from} {current_tenant().slug} {seen}"
    )


def _enter_the_first_scope_for_ever() -> None:
    """The tenant is looked up once per process."""
    enter, first = tasks.enter_scope, []

    def enter_scope(tenant_id, *, reason):
        if tenant_id is None:
            return enter(None, reason=reason)
        first.append(tenant_id)
        return enter(first[0], reason=reason)

    tasks.enter_scope = enter_scope


if os.environ.get("STOA_SABOTAGE") == "first_scope":
    _enter_the_first_scope_for_ever()
