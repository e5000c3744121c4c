"""What happens to connections: PostgreSQL ends one under the feet of whoever uses it."""

from __future__ import annotations

from django.db import connection

from tenants.wall import admin_connection


def cut_connection(*, is_noticed: bool = True) -> None:
    """Have an administrator end this thread's connection, and notice, or leave that to whoever uses it next."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with admin_connection() as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    if is_noticed:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
