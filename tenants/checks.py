"""System checks: what would let one tenant reach another stops the start (docs/traps.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Final

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  # Django's name
from django.db import connection
from django.utils.module_loading import import_string

from integrations.dns import server_address
from tenants.clusters import DEFAULT, clusters
from tenants.scope import cluster_scope, platform_scope, schema_scope
from tenants.stamp import ScopedModel
from tenants.tasks import ScopedTask

# Safe in both lists only because `public` is never on a tenant's path: a missing table fails instead of reading ours.
IN_BOTH: Final = frozenset({"accounts", "account", "mfa", "sessions", "idempotency"})
_POWERS: Final = """
    SELECT array_remove(ARRAY[
        CASE WHEN rolsuper THEN 'is a superuser' END,
        CASE WHEN rolcreaterole THEN 'may make roles' END,
        CASE WHEN rolbypassrls THEN 'passes row security' END,
        CASE WHEN rolinherit AND NOT rolsuper THEN 'inherits rights' END,
        CASE WHEN has_database_privilege(oid, current_database(), 'CREATE') THEN 'may make schemas' END,
        CASE WHEN EXISTS (SELECT FROM pg_namespace n WHERE nspname !~ '^pg_' AND has_schema_privilege(r.oid, n.oid, 'CREATE'))
            THEN 'may make tables' END,
        CASE WHEN EXISTS (SELECT FROM pg_shdepend WHERE refobjid = r.oid AND deptype = 'o') THEN 'owns things' END], NULL)
    FROM pg_roles r WHERE rolname = session_user
"""
PUBLIC_ONLY: Final = frozenset({"contenttypes", "auth", "admin"})
_LONGEST_CONNECTION_SECONDS: Final = 600
_SCOPED_STORAGES: Final = frozenset({"tenants.storage.TenantFileSystemStorage", "tenants.storage.TenantS3Storage"})
# The second keeps what it is given in memory: the test suite's.
_MAIL_DOORS: Final = frozenset({"provisioning.sandboxes.mail.MailDoor", "django.core.mail.backends.locmem.EmailBackend"})
# They write headers and log lines, and ask neither database nor cache.
_OUTSIDE_OF_ANY_SCOPE: Final = frozenset(
    {
        "tenants.tls.TlsAskMiddleware",  # enters the platform's by itself
        "django_structlog.middlewares.RequestMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.csp.ContentSecurityPolicyMiddleware",
        "webui.security.BrowserHeadersMiddleware",
    }
)


@register(Tags.database)
def check_backend(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """The witness must be the backend, and nothing may switch off its statements."""
    del app_configs
    for alias, database in settings.DATABASES.items():
        if database["ENGINE"] != "tenants.backend":
            yield Error(f"Database {alias!r} has no witness: ENGINE must be 'tenants.backend'.", id="tenants.E001")
    if getattr(settings, "TENANT_LIMIT_SET_CALLS", False):
        yield Error("TENANT_LIMIT_SET_CALLS leaks between pooled connections; remove it.", id="tenants.E002")


@register()
def check_mailers(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """Each way out for mail has the door before it that lets nothing out of a sandbox."""
    del app_configs
    for alias, mailer in settings.MAILERS.items():
        if mailer["BACKEND"] not in _MAIL_DOORS:
            yield Error(
                f"Mailer {alias!r} would send a sandbox's mail: put provisioning.sandboxes.mail.MailDoor before it.",
                id="tenants.E021",
            )


@register(Tags.database)
def check_login(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> Iterable[CheckMessage]:  # Any: Django's signature
    """The application's login passes no wall by itself: it owns nothing, makes nothing, inherits nothing (R14)."""
    del app_configs
    if not databases:
        return
    for alias in clusters():
        with cluster_scope(reason="check login", database=alias), connection.cursor() as cursor:
            cursor.execute(_POWERS)
            powers = cursor.fetchone()[0]
        if powers:
            kind, code = (Error, "tenants.E012") if settings.REFUSE_POWERFUL_LOGIN else (Warning, "tenants.W012")
            whose = "DATABASE_URL's" if alias == DEFAULT else f"The cluster {alias}'s"
            text = f"{whose} login {', '.join(powers)}; the second wall needs one that does not."
            yield kind(text, hint="docs/how-to/database-roles.md", id=code)


@register(Tags.database)
def check_clusters(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """What names a cluster names one that there is (ADR 0015)."""
    del app_configs
    named: dict[str, Iterable[str]] = {"NEW_ORGANIZATIONS_CLUSTER": [settings.NEW_ORGANIZATIONS_CLUSTER]}
    named |= {"ADMIN_CLUSTERS": settings.ADMIN_CLUSTERS, "PAGES_CLUSTERS": settings.PAGES_CLUSTERS}
    for setting, aliases in named.items():
        if unknown := sorted(set(aliases) - set(clusters())):
            yield Error(f"{setting} names {', '.join(unknown)}, which CLUSTERS does not.", id="tenants.E022")


@register(Tags.models)
def check_app_lists(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """Each app with tables belongs to one list (R10), and Django's process-wide caches never see a tenant's rows (T3)."""
    del app_configs
    shared, tenant = set(settings.SHARED_APPS), set(settings.TENANT_APPS)
    for config in apps.get_app_configs():
        in_shared, in_tenant = config.name in shared, config.name in tenant
        if not in_shared and not in_tenant:
            yield Error(f"App {config.label!r} is in neither SHARED_APPS nor TENANT_APPS.", id="tenants.E003")
        if in_shared and in_tenant and config.label not in IN_BOTH and list(config.get_models()):
            yield Error(f"App {config.label!r} has tables in both schemas.", id="tenants.E004")
        if in_tenant and config.label in PUBLIC_ONLY:
            yield Error(f"App {config.label!r} may not be in a tenant's schema.", id="tenants.E005")


@register(Tags.models)
def check_models_are_stamped(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> Iterable[CheckMessage]:  # Any: Django's signature
    """Every model of ours refuses a foreign scope (R4)."""
    del app_configs
    ours = ("tenants", "shared_apps", "tenant_apps", "provisioning", "kernel")
    for model in apps.get_models():
        if model.__module__.split(".")[0] in ours and not issubclass(model, ScopedModel) and not _is_kernel(model):
            yield Error(f"{model._meta.label} must derive from tenants.stamp.ScopedModel.", id="tenants.E006", obj=model)  # noqa: SLF001  # Django's public-by-use name


def nowhere(*_: object) -> None:
    """What a setting that is not set stands for: it says the same everywhere."""


def _is_kernel(model: type) -> bool:
    # The kernel lies below the tenants and cannot import the stamp; its rows never leave the functions that read them.
    return model.__module__.startswith("kernel.")


@register(Tags.caches)
def check_caches(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """Every cache key and value carries its scope (R41)."""
    del app_configs
    for alias, cache in settings.CACHES.items():
        if cache.get("KEY_FUNCTION") != "tenants.cache.make_key" or cache["BACKEND"] != "tenants.cache.TenantCache":
            yield Error(f"Cache {alias!r} does not carry the tenant.", id="tenants.E007")


@register(Tags.database)
def check_connections(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """Connections are renewed (R20), and nothing but the scope puts a schema on their path (R15)."""
    del app_configs
    for alias, database in settings.DATABASES.items():
        age = database.get("CONN_MAX_AGE", 0)
        if age is None or age > _LONGEST_CONNECTION_SECONDS:
            yield Error(f"Database {alias!r}: CONN_MAX_AGE must be {_LONGEST_CONNECTION_SECONDS} s or less.", id="tenants.E019")
        if "search_path" in str(database.get("OPTIONS", {}).get("options", "")):
            yield Error(f"Database {alias!r}: OPTIONS set a search_path, which is the scope's business.", id="tenants.E013")
    if getattr(settings, "PG_EXTRA_SEARCH_PATHS", ()):
        yield Error("PG_EXTRA_SEARCH_PATHS puts schemas on every tenant's path; remove it.", id="tenants.E013")


@register()
def check_addresses(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """What the environment calls an address is one: a mistake would show as domains that lead nowhere, hours later."""
    del app_configs
    readers: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("DOMAIN_ADDRESSES", ip_address),
        ("DNS_SERVERS", server_address),
        ("INTERNAL_NETWORKS", ip_network),
    )
    for setting, read in readers:
        for text in getattr(settings, setting):
            try:
                read(text)
            except ValueError as error:
                yield Error(f"{setting}: {text!r} is none: {error}.", id="tenants.E020")


@register()
def check_storages(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """Every file but the static ones lies below its tenant's prefix (R43)."""
    del app_configs
    for alias, storage in settings.STORAGES.items():
        if alias != "staticfiles" and storage["BACKEND"] not in _SCOPED_STORAGES:
            yield Error(f"Storage {alias!r} does not keep tenants apart.", id="tenants.E014")


@register()
def check_tasks(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """Every task carries its scope, and a worker's process runs one task at a time (R9)."""
    del app_configs
    app = import_string(settings.TASK_APP)
    if not issubclass(app.Task, ScopedTask):
        yield Error("The Celery app must have task_cls='tenants.tasks:ScopedTask'.", id="tenants.E015")
    for name, task in app.tasks.items():
        if not name.startswith("celery.") and not isinstance(task, ScopedTask):
            yield Error(f"The task {name} does not carry its scope.", id="tenants.E015")
    if app.conf.worker_pool != "prefork":
        yield Error("Celery's worker_pool must be 'prefork'.", id="tenants.E016")


@register(Tags.security)
def check_names_in_two_scopes(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> Iterable[CheckMessage]:  # Any: Django's signature
    """What is named or signed in one scope is another thing in the next: allauth's keys (R47) and advisory locks (R23)."""
    del app_configs
    questions: tuple[tuple[str, tuple[object, ...], str], ...] = (
        ("ALLAUTH_SETTING_GETTER", ("ACCOUNT_SALT", "the same"), "tenants.E017"),
        ("LOCK_NAMESPACE", (), "tenants.E018"),
    )
    for setting, arguments, code in questions:
        plugged_in = import_string(getattr(settings, setting, "tenants.checks.nowhere"))
        with platform_scope(reason="check"):
            here = plugged_in(*arguments)
        with schema_scope("template_000000000000", reason="check"):
            there = plugged_in(*arguments)
        if here == there:
            yield Error(f"{setting} answers the same in every scope.", id=code)


@register(Tags.security)
def check_sessions(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """Sessions live in the tenant's schema, name it, and their cookie belongs to one host (R46)."""
    del app_configs
    if settings.SESSION_ENGINE != "tenants.sessions":
        yield Error("SESSION_ENGINE must be 'tenants.sessions'.", id="tenants.E008")
    if settings.SESSION_COOKIE_DOMAIN or settings.CSRF_COOKIE_DOMAIN:
        yield Error("Cookies must be host-only: no *_COOKIE_DOMAIN.", id="tenants.E009")
    if settings.SESSION_COOKIE_SECURE and not settings.SESSION_COOKIE_NAME.startswith("__Host-"):
        yield Error("Under TLS the session cookie's name starts with __Host-.", id="tenants.E010")
    inside = [name for name in settings.MIDDLEWARE if name not in _OUTSIDE_OF_ANY_SCOPE]
    if inside[:1] != ["tenants.middleware.ScopeMiddleware"]:
        yield Error("tenants.middleware.ScopeMiddleware must stand before all that needs a scope.", id="tenants.E011")
