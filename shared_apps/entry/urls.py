"""The platform's side of the owner's walk; on the platform's host only."""

from __future__ import annotations

from django.urls import URLPattern, path

from shared_apps.entry import views

urlpatterns: list[URLPattern] = [
    path("account/", views.home, name="entry_home"),
    path("enter/<slug:slug>/", views.walk, name="entry_walk"),
]
