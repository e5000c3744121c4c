"""Which apps' tables live in `public`, which in each tenant's schema, which in both (docs/architecture.md)."""

from typing import Final

# django-tenants runs each app's migrations in every schema of its list: keep both short.
IN_BOTH: Final = [
    "shared_apps.accounts",
    "allauth",  # after accounts, whose templates replace its own
    "allauth.account",
    "allauth.mfa",
    "django.contrib.sessions",
    "kernel.idempotency",
]
WITHOUT_TABLES: Final = [
    "django_tenants",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "phonenumber_field",
    "django.forms",
    "webui",
    "themes",
    "shared_apps.site",
    "shared_apps.console",
    "tenant_apps.storefront",
    "tenant_apps.backoffice",
    "shared_apps.rest",
    "shared_apps.closing",
]
SHARED_APPS: Final = [
    "tenants",
    *WITHOUT_TABLES,
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "kernel.outbox",
    "shared_apps.plans",
    "shared_apps.billing",
    "shared_apps.business",
    "shared_apps.metering",
    "shared_apps.packages",
    "shared_apps.operators",
    "shared_apps.audit",
    "shared_apps.domains",
    "shared_apps.archives",
    "shared_apps.isolation",
    "shared_apps.webhook_inbox",
    "shared_apps.entry",
    "provisioning",
    *IN_BOTH,
]
TENANT_APPS: Final = [
    *IN_BOTH,
    "tenant_apps.members",
    "tenant_apps.notifications",
    "tenant_apps.providers",
    "tenant_apps.catalog",
    "tenant_apps.availability",
    "tenant_apps.bookings",
    "tenant_apps.api",
]
INSTALLED_APPS: Final = SHARED_APPS + [app for app in TENANT_APPS if app not in SHARED_APPS]
