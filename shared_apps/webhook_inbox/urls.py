"""Below /webhooks/ of the platform's host."""

from __future__ import annotations

from django.urls import URLPattern, path

from shared_apps.webhook_inbox import views

urlpatterns: list[URLPattern] = [path("stripe/", views.stripe, name="webhooks_stripe")]
