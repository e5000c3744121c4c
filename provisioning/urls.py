"""Sign-up, and the console's pages of runs and organizations; on the platform's host only."""

from __future__ import annotations

from django.urls import URLPattern, path

from provisioning.views import (
    closing,
    console,
    console_sandbox,
    ending,
    fleet,
    metrics,
    progress,
    signing_key,
    signup,
)

urlpatterns: list[URLPattern] = [
    path("metrics", metrics.metrics, name="metrics"),
    path("start/", signup.start, name="signup_start"),
    path("start/name/", signup.name_answer, name="signup_name"),
    path("start/colour/", signup.color_answer, name="signup_color"),
    path("start/place/", signup.place_answer, name="signup_place"),
    path("start/<str:run_id>/", progress.progress, name="signup_progress"),
    path("start/<str:run_id>/retry/", progress.retry, name="signup_retry"),
    path("start/<str:run_id>/enter/", progress.enter, name="signup_enter"),
    path("account/closed/<slug:slug>/", closing.page, name="closed_marketplace"),
    path("account/closed/<slug:slug>/reopen/", closing.reopen, name="closed_reopen"),
    path("account/closed/<slug:slug>/archive/", closing.order, name="closed_archive"),
    path("account/closed/<slug:slug>/archive/<str:archive_id>/", closing.download, name="closed_download"),
    path(".well-known/stoa-signing-key", signing_key.signing_key, name="signing_key"),
    path("console/", console.home, name="console_home"),
    path("console/tenants/<str:tenant_id>/", console.tenant, name="console_tenant"),
    path("console/tenants/<str:tenant_id>/address/", console.use_address, name="console_tenant_address"),
    path("console/tenants/<str:tenant_id>/sandbox/", console_sandbox.make_sandbox, name="console_tenant_sandbox"),
    path("console/tenants/<str:tenant_id>/close/", ending.close, name="console_tenant_close"),
    path("console/tenants/<str:tenant_id>/reopen/", ending.reopen, name="console_tenant_reopen"),
    path("console/tenants/<str:tenant_id>/erase/", ending.erase, name="console_tenant_erase"),
    path("console/fleet/", fleet.board, name="console_fleet"),
    path("console/fleet/runs/<str:fleet_id>/pause/", fleet.pause, name="console_fleet_pause"),
    path("console/fleet/runs/<str:fleet_id>/resume/", fleet.resume, name="console_fleet_resume"),
    path("console/fleet/<str:tenant_id>/retry/", fleet.retry, name="console_fleet_retry"),
    path("console/fleet/<str:tenant_id>/release/", fleet.release, name="console_fleet_release"),
    path("console/runs/", console.runs, name="console_runs"),
    path("console/runs/<str:run_id>/", console.run, name="console_run"),
    path("console/runs/<str:run_id>/retry/", console.retry, name="console_run_retry"),
    path("console/runs/<str:run_id>/undo/", console.undo, name="console_run_undo"),
    path("console/runs/<str:run_id>/proof/", ending.proof, name="console_run_proof"),
    path("console/runs/<str:run_id>/proof.json", ending.proof_file, name="console_run_proof_file"),
]
