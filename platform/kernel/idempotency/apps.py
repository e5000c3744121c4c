"""The Django app of idempotency keys; its table lives in `public` and in every tenant's schema."""

from __future__ import annotations

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    name = "kernel.idempotency"
    label = "idempotency"
