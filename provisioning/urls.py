"""Sign-up, and the console's pages of runs and organizations; on the platform's host only."""

from __future__ import annotations

from django.urls import URLPattern, path

from provisioning.views import console, fleet, health, metrics, progress, signing_key, signup

urlpatterns: list[URLPattern] = [
    path("metrics", metrics.metrics, name="metrics"),
    path("start/", signup.start, name="signup_start"),
    path("start/name/", signup.name_answer, name="signup_name"),
    path("start/colour/", signup.color_answer, name="signup_color"),
    path("start/place/", signup.place_answer, name="signup_place"),
    path("start/<str:run_id>/", progress.progress, name="signup_progress"),
    path("start/<str:run_id>/retry/", progress.retry, name="signup_retry"),
    path("start/<str:run_id>/enter/", progress.enter, name="signup_enter"),
    path(".well-known/stoa-signing-key", signing_key.signing_key, name="signing_key"),
    path("console/", console.home, name="console_home"),
    path("console/tenants/<str:tenant_id>/", console.tenant, name="console_tenant"),
    path("console/tenants/<str:tenant_id>/address/", console.use_address, name="console_tenant_address"),
    path("console/tenants/<str:tenant_id>/health/", health.tenant_health, name="console_tenant_health"),
    path("console/tenants/<str:tenant_id>/health/gather/", health.gather_one, name="console_tenant_health_gather"),
    path("console/health/", health.health, name="console_health"),
    path("console/health/gather/", health.gather_all, name="console_health_gather"),
    path("console/fleet/", fleet.board, name="console_fleet"),
    path("console/fleet/runs/<str:fleet_id>/pause/", fleet.pause, name="console_fleet_pause"),
    path("console/fleet/runs/<str:fleet_id>/resume/", fleet.resume, name="console_fleet_resume"),
    path("console/fleet/<str:tenant_id>/retry/", fleet.retry, name="console_fleet_retry"),
    path("console/fleet/<str:tenant_id>/release/", fleet.release, name="console_fleet_release"),
    path("console/runs/", console.runs, name="console_runs"),
    path("console/runs/<str:run_id>/", console.run, name="console_run"),
    path("console/runs/<str:run_id>/retry/", console.retry, name="console_run_retry"),
    path("console/runs/<str:run_id>/undo/", console.undo, name="console_run_undo"),
]
