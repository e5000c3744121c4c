"""Addresses of the backoffice, mounted at /manage/ on each marketplace's host."""

from __future__ import annotations

from django.urls import URLPattern, path

from tenant_apps.backoffice.views import (
    api_keys,
    bookings,
    calendar,
    categories,
    closures,
    home,
    hours,
    profile,
    providers,
    services,
    settings,
    share,
)

app_name = "backoffice"
_PROVIDER = "providers/<str:provider_id>"

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("start/", home.start, name="start"),
    path("mine/<slug:section>/", home.mine, name="mine"),
    path("calendar/", calendar.week, name="calendar"),
    path("bookings/", bookings.listing, name="bookings"),
    path("bookings/<str:booking_id>/", bookings.detail, name="booking"),
    path("bookings/<str:booking_id>/confirm/", bookings.confirm, name="booking_confirm"),
    path("bookings/<str:booking_id>/decline/", bookings.decline, name="booking_decline"),
    path("bookings/<str:booking_id>/cancel/", bookings.cancel, name="booking_cancel"),
    path("bookings/<str:booking_id>/complete/", bookings.complete, name="booking_complete"),
    path("bookings/<str:booking_id>/no-show/", bookings.no_show, name="booking_no_show"),
    path("providers/", providers.listing, name="providers"),
    path("providers/invite/", providers.invite, name="provider_invite"),
    path("providers/invitations/<str:invitation_id>/resend/", providers.resend, name="invitation_resend"),
    path("providers/invitations/<str:invitation_id>/revoke/", providers.revoke, name="invitation_revoke"),
    path(f"{_PROVIDER}/profile/", profile.edit, name="profile"),
    path(f"{_PROVIDER}/profile/publish/", profile.publish, name="profile_publish"),
    path(f"{_PROVIDER}/profile/pause/", profile.pause, name="profile_pause"),
    path(f"{_PROVIDER}/share/", share.share, name="share"),
    path(f"{_PROVIDER}/share/code.<slug:ending>", share.code, name="share_code"),
    path(f"{_PROVIDER}/hours/", hours.edit, name="hours"),
    path(f"{_PROVIDER}/hours/restore/<str:token>/", hours.restore, name="hours_restore"),
    path(f"{_PROVIDER}/hours/dates/", hours.add_date, name="exception_add"),
    path(f"{_PROVIDER}/hours/dates/restore/<str:token>/", hours.restore_date, name="exception_restore"),
    path(f"{_PROVIDER}/hours/dates/<uuid:exception_id>/remove/", hours.remove_date, name="exception_remove"),
    path(f"{_PROVIDER}/services/", services.listing, name="services"),
    path(f"{_PROVIDER}/services/new/", services.create, name="service_create"),
    path(f"{_PROVIDER}/services/<str:service_id>/", services.edit, name="service"),
    path(f"{_PROVIDER}/services/<str:service_id>/publish/", services.publish, name="service_publish"),
    path(f"{_PROVIDER}/services/<str:service_id>/hide/", services.hide, name="service_hide"),
    path(f"{_PROVIDER}/services/<str:service_id>/move/<slug:direction>/", services.move, name="service_move"),
    path("categories/", categories.listing, name="categories"),
    path("categories/<str:category_id>/", categories.edit, name="category"),
    path("categories/<str:category_id>/delete/", categories.delete, name="category_delete"),
    path("categories/<str:category_id>/move/<slug:direction>/", categories.move, name="category_move"),
    path("closed-days/", closures.listing, name="closures"),
    path("closed-days/restore/<str:token>/", closures.restore, name="closure_restore"),
    path("closed-days/<uuid:blackout_id>/remove/", closures.remove, name="closure_remove"),
    path("settings/", settings.edit, name="settings"),
    path("settings/place/", settings.place, name="settings_place"),
    path("settings/api-keys/", api_keys.listing, name="api_keys"),
    path("settings/api-keys/<str:key_id>/revoke/", api_keys.revoke, name="api_key_revoke"),
]
