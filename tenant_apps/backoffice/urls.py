"""Pages of `/manage/`, on each marketplace's host."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from tenant_apps.backoffice.views import bookings, calendar, categories, home, hours, providers, services, settings, share

urlpatterns: list[URLPattern] = [
    path("manage/", home.home, name="backoffice_home"),
    path("manage/calendar/", calendar.calendar, name="backoffice_calendar"),
    path("manage/bookings/", bookings.bookings, name="backoffice_bookings"),
    path("manage/bookings/<str:reference>/", bookings.booking, name="backoffice_booking"),
    path("manage/bookings/<str:reference>/confirm/", bookings.confirm, name="backoffice_booking_confirm"),
    path("manage/bookings/<str:reference>/decline/", bookings.decline, name="backoffice_booking_decline"),
    path("manage/bookings/<str:reference>/cancel/", bookings.cancel, name="backoffice_booking_cancel"),
    path("manage/bookings/<str:reference>/complete/", bookings.complete, name="backoffice_booking_complete"),
    path("manage/bookings/<str:reference>/no-show/", bookings.no_show, name="backoffice_booking_no_show"),
    path("manage/services/", services.services, name="backoffice_services"),
    path("manage/services/new/", services.new, name="backoffice_service_new"),
    path("manage/services/<str:service_id>/", services.service, name="backoffice_service"),
    path("manage/services/<str:service_id>/publish/", services.publish, name="backoffice_service_publish"),
    path("manage/services/<str:service_id>/hide/", services.hide, name="backoffice_service_hide"),
    path("manage/services/<str:service_id>/move/", services.move, name="backoffice_service_move"),
    path("manage/profile/", providers.own, name="backoffice_profile"),
    path("manage/profile/create/", providers.create_own, name="backoffice_profile_create"),
    path("manage/providers/", providers.providers, name="backoffice_providers"),
    path("manage/providers/invite/", providers.invite, name="backoffice_invite"),
    path("manage/providers/invitations/<str:invitation_id>/resend/", providers.resend, name="backoffice_invitation_resend"),
    path("manage/providers/invitations/<str:invitation_id>/revoke/", providers.revoke, name="backoffice_invitation_revoke"),
    path("manage/providers/<str:provider_id>/", providers.provider, name="backoffice_provider"),
    path("manage/providers/<str:provider_id>/publish/", providers.publish, name="backoffice_provider_publish"),
    path("manage/providers/<str:provider_id>/pause/", providers.pause, name="backoffice_provider_pause"),
    re_path(
        r"^manage/providers/(?P<provider_id>[^/]+)/picture/(?P<column>logo|header_image)/$",
        providers.picture,
        name="backoffice_provider_picture",
    ),
    path("manage/providers/<str:provider_id>/hours/", hours.hours, name="backoffice_hours"),
    path("manage/providers/<str:provider_id>/hours/undo/<str:token>/", hours.undo_week, name="backoffice_hours_undo"),
    path("manage/providers/<str:provider_id>/exceptions/", hours.new_exception, name="backoffice_exception_new"),
    path(
        "manage/providers/<str:provider_id>/exceptions/undo/<str:token>/",
        hours.undo_exception,
        name="backoffice_exception_undo",
    ),
    path(
        "manage/providers/<str:provider_id>/exceptions/<str:exception_id>/remove/",
        hours.drop_exception,
        name="backoffice_exception_remove",
    ),
    path("manage/providers/<str:provider_id>/share/", share.share, name="backoffice_share"),
    re_path(r"^manage/providers/(?P<provider_id>[^/]+)/qr\.(?P<ending>svg|png)$", share.code, name="backoffice_qr"),
    path("manage/categories/", categories.categories, name="backoffice_categories"),
    path("manage/categories/<str:category_id>/", categories.category, name="backoffice_category"),
    path("manage/categories/<str:category_id>/delete/", categories.delete, name="backoffice_category_delete"),
    path("manage/categories/<str:category_id>/move/", categories.move, name="backoffice_category_move"),
    path("manage/settings/", settings.settings, name="backoffice_settings"),
    path("manage/settings/colour/", settings.colour, name="backoffice_colour"),
]
