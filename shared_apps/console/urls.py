"""The operator's console, below /console/; pages of runs and of one organization are in `provisioning.urls`."""

from __future__ import annotations

from django.urls import URLPattern, path

from shared_apps.console.views import jobs, plans, records, tenants, webhooks

urlpatterns: list[URLPattern] = [
    path("tenants/", tenants.tenants, name="console_tenants"),
    path("tenants/<str:tenant_id>/suspend/", tenants.suspend, name="console_tenant_suspend"),
    path("tenants/<str:tenant_id>/resume/", tenants.resume, name="console_tenant_resume"),
    path("plans/", plans.plans, name="console_plans"),
    path("plans/<slug:code>/", plans.plan, name="console_plan"),
    path("jobs/", jobs.jobs, name="console_jobs"),
    path("jobs/replay/", jobs.replay_all, name="console_jobs_replay_all"),
    path("jobs/<uuid:message_id>/replay/", jobs.replay, name="console_job_replay"),
    path("jobs/<uuid:message_id>/cancel/", jobs.cancel, name="console_job_cancel"),
    path("jobs/of/<str:tenant_id>/replay/", jobs.replay_of_tenant, name="console_jobs_replay_of_tenant"),
    path("jobs/of/<str:tenant_id>/cancel/", jobs.cancel_of_tenant, name="console_jobs_cancel_of_tenant"),
    path("webhooks/", webhooks.webhooks, name="console_webhooks"),
    path("webhooks/replay/", webhooks.replay_all, name="console_webhooks_replay_all"),
    path("webhooks/<str:event_id>/", webhooks.webhook, name="console_webhook"),
    path("webhooks/<str:event_id>/replay/", webhooks.replay, name="console_webhook_replay"),
    path("webhooks/<str:event_id>/aside/", webhooks.set_aside, name="console_webhook_set_aside"),
    path("audit/", records.audit, name="console_audit"),
]
