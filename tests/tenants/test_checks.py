"""Each system check finds the mistake it is there for."""

import pytest
from django.core.checks import run_checks

pytestmark = pytest.mark.proves("isolation.backend")

MISTAKES = [
    ("tenants.E002", {"TENANT_LIMIT_SET_CALLS": True}),
    ("tenants.E003", {"SHARED_APPS": []}),
    ("tenants.E007", {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}}),
    ("tenants.E008", {"SESSION_ENGINE": "django.contrib.sessions.backends.db"}),
    ("tenants.E009", {"SESSION_COOKIE_DOMAIN": ".localhost"}),
    ("tenants.E010", {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": "session"}),
    ("tenants.E011", {"MIDDLEWARE": ["django.middleware.common.CommonMiddleware"]}),
]


def _found() -> set[str]:
    return {
        message.id
        for message in run_checks(include_deployment_checks=False, databases=["default"])
        if message.id.startswith("tenants.")
    }


def test_the_installation_as_it_is_has_no_finding(in_platform):
    assert _found() == set()


@pytest.mark.parametrize(("code", "mistake"), MISTAKES)
def test_a_mistake_is_found(in_platform, settings, code, mistake):
    for name, value in mistake.items():
        setattr(settings, name, value)

    assert code in _found()


def test_contenttypes_in_tenant_schemas_are_found(in_platform, settings):
    settings.TENANT_APPS = [*settings.TENANT_APPS, "django.contrib.contenttypes"]

    assert "tenants.E005" in _found()


def test_tables_in_both_schemas_are_found(in_platform, settings):
    settings.TENANT_APPS = [*settings.TENANT_APPS, "shared_apps.plans"]

    assert "tenants.E004" in _found()


def test_a_database_without_the_witness_is_found(in_platform, settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")

    assert "tenants.E001" in _found()
