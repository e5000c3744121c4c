"""The operator's console, below /console/; pages of runs and of one organization are in `provisioning.urls`."""

from __future__ import annotations

from django.urls import URLPattern, path

from shared_apps.console.views import plans, records, tenants

urlpatterns: list[URLPattern] = [
    path("tenants/", tenants.tenants, name="console_tenants"),
    path("tenants/<str:tenant_id>/suspend/", tenants.suspend, name="console_tenant_suspend"),
    path("tenants/<str:tenant_id>/resume/", tenants.resume, name="console_tenant_resume"),
    path("plans/", plans.plans, name="console_plans"),
    path("plans/<slug:code>/", plans.plan, name="console_plan"),
    path("outbox/", records.outbox, name="console_outbox"),
    path("outbox/<uuid:message_id>/replay/", records.replay, name="console_outbox_replay"),
    path("audit/", records.audit, name="console_audit"),
]
