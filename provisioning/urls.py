"""Sign-up, and the console's pages of runs and organizations; on the platform's host only."""

from __future__ import annotations

from django.urls import URLPattern, path

from provisioning.views import progress, signup

urlpatterns: list[URLPattern] = [
    path("start/", signup.start, name="signup_start"),
    path("start/name/", signup.name_answer, name="signup_name"),
    path("start/colour/", signup.color_answer, name="signup_color"),
    path("start/<str:run_id>/", progress.progress, name="signup_progress"),
    path("start/<str:run_id>/retry/", progress.retry, name="signup_retry"),
    path("start/<str:run_id>/enter/", progress.enter, name="signup_enter"),
]
