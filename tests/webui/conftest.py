"""Pages of `webui` are served without database or tenant: their own URLconf and the few middlewares they need."""

from __future__ import annotations

import pytest
from django.test import Client

from webui.security import CONTENT_SECURITY_POLICY

MIDDLEWARE = [
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "webui.security.BrowserHeadersMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "webui.errors.DomainErrorMiddleware",
]
CONTEXT_PROCESSORS = ["django.template.context_processors.request"]


@pytest.fixture
def webui_settings(settings):
    """The settings that docs/ui-components.md asks for, and nothing that needs a database."""
    settings.ROOT_URLCONF = "tests.webui.urls"
    settings.MIDDLEWARE = MIDDLEWARE
    settings.POLICY_REPORT_COUNTER = "tests.webui.urls.uncounted"
    settings.SECURE_CSP = CONTENT_SECURITY_POLICY
    settings.FORM_RENDERER = "webui.forms.StoaRenderer"
    settings.CSRF_FAILURE_VIEW = "webui.views.csrf_failure"
    template = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**template, "OPTIONS": {**template["OPTIONS"], "context_processors": CONTEXT_PROCESSORS}}]
    return settings


@pytest.fixture
def client(webui_settings) -> Client:
    """A browser that sees a 500 instead of the exception behind it."""
    return Client(raise_request_exception=False)
