"""Each system check finds the mistake it is there for."""

import pytest
from celery import Celery
from django.core.checks import run_checks

from tenants.hosts import CACHE_SECONDS

plain_app = Celery("plain", set_as_current=False)
threaded_app = Celery("threaded", task_cls="tenants.tasks:ScopedTask", set_as_current=False)
threaded_app.conf.worker_pool = "threads"


def unsalted(name, default):
    return default


def one_for_all():
    return "everybody"


pytestmark = pytest.mark.proves("isolation.backend")

MISTAKES = [
    ("tenants.E002", {"TENANT_LIMIT_SET_CALLS": True}),
    ("tenants.E003", {"SHARED_APPS": []}),
    ("tenants.E007", {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}}),
    ("tenants.E008", {"SESSION_ENGINE": "django.contrib.sessions.backends.db"}),
    ("tenants.E009", {"SESSION_COOKIE_DOMAIN": ".localhost"}),
    ("tenants.E010", {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": "session"}),
    ("tenants.E011", {"MIDDLEWARE": ["django.middleware.common.CommonMiddleware"]}),
    ("tenants.E013", {"PG_EXTRA_SEARCH_PATHS": ["public"]}),
    ("tenants.E014", {"STORAGES": {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}}),
    ("tenants.E015", {"TASK_APP": "tests.tenants.test_checks.plain_app"}),
    ("tenants.E016", {"TASK_APP": "tests.tenants.test_checks.threaded_app"}),
    ("tenants.E017", {"ALLAUTH_SETTING_GETTER": "tests.tenants.test_checks.unsalted"}),
    ("tenants.E022", {"NEW_ORGANIZATIONS_CLUSTER": "west"}),
    ("tenants.E018", {"LOCK_NAMESPACE": "tests.tenants.test_checks.one_for_all"}),
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


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("tenants.E019", "CONN_MAX_AGE", None),
        ("tenants.E019", "CONN_MAX_AGE", 601),
        ("tenants.E013", "OPTIONS", {"options": "-c search_path=public"}),
    ],
)
def test_a_connection_that_lives_too_long_or_has_a_path_is_found(in_platform, settings, monkeypatch, code, name, value):
    monkeypatch.setitem(settings.DATABASES["default"], name, value)

    assert code in _found()


def test_a_marketplace_is_forgotten_within_five_seconds():
    assert CACHE_SECONDS <= 5
