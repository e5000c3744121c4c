"""The operator's console, below /console/; pages of runs and of one organization are in `provisioning.urls`."""

from __future__ import annotations

from django.urls import URLPattern, path

from shared_apps.console.views import add_ons, business, jobs, plan_drafts, plan_moves, plans, records, tenants, webhooks

urlpatterns: list[URLPattern] = [
    path("tenants/", tenants.tenants, name="console_tenants"),
    path("tenants/<str:tenant_id>/suspend/", tenants.suspend, name="console_tenant_suspend"),
    path("tenants/<str:tenant_id>/resume/", tenants.resume, name="console_tenant_resume"),
    path("plans/", plans.plans, name="console_plans"),
    path("plans/sync/", plans.sync, name="console_plans_sync"),
    path("plans/new/", plans.create, name="console_plan_create"),
    path("plans/<slug:code>/", plans.plan, name="console_plan"),
    path("plans/<slug:code>/describe/", plans.describe, name="console_plan_describe"),
    path("plans/<slug:code>/offer/", plans.offer, name="console_plan_offer"),
    path("plans/<slug:code>/retire/", plans.retire, name="console_plan_retire"),
    path("plans/<slug:code>/draft/", plan_drafts.draft, name="console_plan_draft"),
    path("plans/<slug:code>/draft/begin/", plan_drafts.begin, name="console_plan_draft_begin"),
    path("plans/<slug:code>/draft/discard/", plan_drafts.discard, name="console_plan_draft_discard"),
    path("plans/<slug:code>/draft/what-if/", plan_drafts.what_if_page, name="console_plan_what_if"),
    path("plans/<slug:code>/draft/what-if.csv", plan_drafts.what_if_file, name="console_plan_what_if_file"),
    path("plans/<slug:code>/draft/publish/", plan_drafts.publish, name="console_plan_publish"),
    path("plans/<slug:code>/moves/", plan_moves.progress, name="console_plan_moves"),
    path("plans/<slug:code>/moves/<int:number>/", plan_moves.move, name="console_plan_move"),
    path("tenants/<str:tenant_id>/add-ons/", add_ons.add_ons, name="console_tenant_add_ons"),
    path("business/", business.business, name="console_business"),
    path("business/customers/", business.retention, name="console_business_customers"),
    path("business/invoices/", business.revenue, name="console_business_invoices"),
    path("business/<slug:table>.csv", business.table_file, name="console_business_file"),
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
