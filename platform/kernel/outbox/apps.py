"""The Django app of the outbox; its table lives in `public` only."""

from __future__ import annotations

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "kernel.outbox"
    label = "outbox"

    def ready(self) -> None:
        from kernel.outbox import checks  # noqa: F401  # registers itself with Django
