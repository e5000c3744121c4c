"""Liveness for load balancers: the process answers, and says which of its servers do."""

from __future__ import annotations

from http import HTTPStatus

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError


def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers; a missing Redis is named but survivable (R40)."""
    del request
    parts = {"database": _database_answers(), "redis": _redis_answers()}
    status = HTTPStatus.OK if parts["database"] else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"ok": parts["database"], **parts}, status=status, headers={"Cache-Control": "no-store"})


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    try:
        cache.get("health")
    except RedisError:
        return False
    return True
