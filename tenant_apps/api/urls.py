"""Addresses below /api/v1/ on a marketplace's host."""

from __future__ import annotations

from django.urls import path, re_path

from shared_apps.rest.pages import OpenApiView, ReferenceView
from shared_apps.rest.views import NothingHere
from tenant_apps.api import views
from tenant_apps.api.authentication import TenantKeyAuthentication
from tenant_apps.api.problems import PROBLEMS
from tenant_apps.api.types import SCOPES

_DESCRIBED = {"urlconf": "tenant_apps.api.urls", "title": "Marketplace API"}

urlpatterns = [
    path("services", views.ServicesView.as_view(), name="api_services"),
    path("services/<str:service_id>", views.ServiceView.as_view(), name="api_service"),
    path("services/<str:service_id>/availability", views.AvailabilityView.as_view(), name="api_availability"),
    path("bookings", views.BookingsView.as_view(), name="api_bookings"),
    path("bookings/<str:booking_id>", views.BookingView.as_view(), name="api_booking"),
    path("bookings/<str:booking_id>/cancel", views.CancelView.as_view(), name="api_booking_cancel"),
    path("bookings/<str:booking_id>/reschedule", views.RescheduleView.as_view(), name="api_booking_reschedule"),
    path("bookings/<str:booking_id>/confirm", views.ConfirmView.as_view(), name="api_booking_confirm"),
    path("bookings/<str:booking_id>/decline", views.DeclineView.as_view(), name="api_booking_decline"),
    path(
        "openapi.json",
        OpenApiView.as_view(authentication_classes=[TenantKeyAuthentication], **_DESCRIBED),
        name="api_description",
    ),
    path(
        "docs",
        ReferenceView.as_view(layout="layouts/page.html", scopes=SCOPES, problems=PROBLEMS, **_DESCRIBED),
        name="api_reference",
    ),
    re_path(r"", NothingHere.as_view(), name="api_nothing"),
]
