"""The addresses of a marketplace's API."""

from tenant_apps.api.views.acts import CancelView, ConfirmView, DeclineView, RescheduleView
from tenant_apps.api.views.bookings import BookingsView, BookingView
from tenant_apps.api.views.services import AvailabilityView, ServicesView, ServiceView

__all__ = [
    "AvailabilityView",
    "BookingView",
    "BookingsView",
    "CancelView",
    "ConfirmView",
    "DeclineView",
    "RescheduleView",
    "ServiceView",
    "ServicesView",
]
