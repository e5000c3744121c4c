"""Django's registration of the app, and its word to the slot search."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Booked time: holds, confirmation, moves, cancellation."""

    name = "tenant_apps.bookings"
    label = "bookings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenant_apps.availability.selectors import register_busy_source
        from tenant_apps.bookings.selectors.busy import busy_ranges

        register_busy_source(busy_ranges)
