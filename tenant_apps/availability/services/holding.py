"""The one lock of this app: whoever sets a provider's hours does so alone."""

from __future__ import annotations

from django.db import connection

from tenants.scope import lock_namespace


def hold_hours_of(provider_id: int) -> None:
    """Wait until nobody else sets this provider's hours, until the end of the transaction.

    Without it, two writers that insert into one another's exclusion constraint wait for each other: a deadlock. Readers
    and bookings are not held up.
    """
    key = f"{lock_namespace()}:availability.hours:{provider_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
