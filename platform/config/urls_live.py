"""The sockets of a marketplace."""

from __future__ import annotations

from django.urls import URLPattern, path

from tenant_apps.bookings.live import BookingConsumer

urlpatterns: list[URLPattern] = [
    path("live/bookings/<str:token>/", BookingConsumer.as_asgi(), name="live_booking"),
]
