"""Addresses below /api/v1/ on the platform's host."""

from __future__ import annotations

from django.urls import path, re_path

from provisioning.api import domain_views, views
from provisioning.api.authentication import OperatorKeyAuthentication
from provisioning.api.problems import PROBLEMS
from shared_apps.operators.types import SCOPES
from shared_apps.rest.pages import OpenApiView, ReferenceView
from shared_apps.rest.views import NothingHere

_DESCRIBED = {"urlconf": "provisioning.api.urls", "title": "Platform API"}

_DOMAIN = "tenants/<str:tenant_id>/domains/<str:domain_id>"

urlpatterns = [
    path("tenants", views.TenantsView.as_view(), name="api_tenants"),
    path("tenants/<str:tenant_id>", views.TenantView.as_view(), name="api_tenant"),
    path("tenants/<str:tenant_id>/domains", domain_views.DomainsView.as_view(), name="api_domains"),
    path(_DOMAIN, domain_views.OneDomainView.as_view(), name="api_domain"),
    path("tenants/<str:tenant_id>/platform-address", domain_views.PlatformAddressView.as_view(), name="api_platform_address"),
    path(f"{_DOMAIN}/changes", domain_views.ChangesView.as_view(), name="api_domain_changes"),
    path(f"{_DOMAIN}/verify", domain_views.VerifyView.as_view(), name="api_domain_verify"),
    path(f"{_DOMAIN}/primary", domain_views.PrimaryView.as_view(), name="api_domain_primary"),
    path(f"{_DOMAIN}/release", domain_views.ReleaseView.as_view(), name="api_domain_release"),
    path("runs", views.RunsView.as_view(), name="api_runs"),
    path("runs/<str:run_id>", views.RunView.as_view(), name="api_run"),
    path("runs/<str:run_id>/retry", views.RetryView.as_view(), name="api_run_retry"),
    path("runs/<str:run_id>/undo", views.UndoView.as_view(), name="api_run_undo"),
    path(
        "openapi.json",
        OpenApiView.as_view(authentication_classes=[OperatorKeyAuthentication], **_DESCRIBED),
        name="api_description",
    ),
    path(
        "docs",
        ReferenceView.as_view(layout="layouts/platform.html", scopes=SCOPES, problems=PROBLEMS, **_DESCRIBED),
        name="api_reference",
    ),
    re_path(r"", NothingHere.as_view(), name="api_nothing"),
]
