"""Pages of booking, on each marketplace's host. The service's own page, with the picker in it, is the storefront's."""

from __future__ import annotations

from django.urls import URLPattern, path

from tenant_apps.bookings.views import account, choosing, details, finding, managing

urlpatterns: list[URLPattern] = [
    path("services/<slug:slug>/book/", details.details, name="booking_details"),
    path("services/<slug:slug>/book/hold/", choosing.hold, name="booking_hold"),
    path("services/<slug:slug>/book/picker/", choosing.picker_part, name="booking_picker"),
    path("b/<str:token>/", managing.status, name="booking_status"),
    path("b/<str:token>/booking.ics", managing.calendar_file, name="booking_calendar_file"),
    path("b/<str:token>/move/", managing.move, name="booking_move"),
    path("b/<str:token>/cancel/", managing.cancel, name="booking_cancel"),
    path("b/<str:token>/renew/", managing.renew, name="booking_renew"),
    path("b/<str:token>/account/", managing.make_account, name="booking_make_account"),
    path("find-booking/", finding.find, name="booking_find"),
    path("account/", account.account, name="booking_account"),
]
