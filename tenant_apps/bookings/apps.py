"""Django's registration of the app."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Booked time: holds, confirmation, moves, cancellation."""

    name = "tenant_apps.bookings"
    label = "bookings"
    default_auto_field = "django.db.models.BigAutoField"
