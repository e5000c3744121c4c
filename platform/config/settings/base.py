"""What every way of running shares."""

from typing import Any, Final, cast

from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from config import env
from config.settings import apps, logs
from config.settings.accounts import *  # noqa: F403  # settings are star-imported by design
from config.settings.logs import *  # noqa: F403  # as above
from webui.security import CONTENT_SECURITY_POLICY

ROOT: Final = env.ROOT
INSTALLED_APPS = apps.INSTALLED_APPS
SHARED_APPS = apps.SHARED_APPS
TENANT_APPS = apps.TENANT_APPS

SECRET_KEY = env.text("SECRET_KEY")
# Earlier keys, while what they signed is still out there: rotate by moving SECRET_KEY here.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", [])
DEBUG = False
# Whom we answer is decided by the registry of domains (tenants.middleware), not by a list in a file.
ALLOWED_HOSTS = ["*"]

# The platform's own names, and how the world reaches us: links in mails are made of these, never of a request's Host.
PLATFORM_DOMAIN = env.text("PLATFORM_DOMAIN", "localhost")
PLATFORM_HOSTS = env.words("PLATFORM_HOSTS", [PLATFORM_DOMAIN, "127.0.0.1"])
PUBLIC_SCHEME = env.text("PUBLIC_SCHEME", "http")
# With its colon, ready to follow a host; empty for the scheme's own.
PUBLIC_PORT_SUFFIX = env.port("PUBLIC_PORT")
PLATFORM_URL = f"{PUBLIC_SCHEME}://{PLATFORM_DOMAIN}{PUBLIC_PORT_SUFFIX}"
SECURE = PUBLIC_SCHEME == "https"

# --- domains that organizations bring along
# What their CNAME names, and the fixed addresses for names that have no room for one (else those of the target are asked).
DOMAIN_TARGET = env.text("DOMAIN_TARGET", PLATFORM_DOMAIN)
DOMAIN_ADDRESSES = env.words("DOMAIN_ADDRESSES", [])
# Whom to ask (`host:port`); the system's own resolver when empty. The certificate authorities that the proxy uses.
DNS_SERVERS = env.words("DNS_SERVERS", [])
DOMAIN_AUTHORITIES = env.words("DOMAIN_AUTHORITIES", ["letsencrypt.org"])
# Celery's queue for looking at domains, which takes as long as other people's name servers do: not that of events and jobs.
DOMAIN_QUEUE = env.text("DOMAIN_QUEUE", "rounds")
# Our proxy as the workers reach it (`host:port`), and an authority of its own to trust; empty where there is none.
DOMAIN_EDGE = env.text("DOMAIN_EDGE", "")
DOMAIN_EDGE_AUTHORITIES = env.text("DOMAIN_EDGE_AUTHORITIES", "")
# From where the proxy may ask which names get a certificate.
INTERNAL_NETWORKS = env.words(
    "INTERNAL_NETWORKS", ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
)

# --- tenancy
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
PUBLIC_SCHEMA_URLCONF = "config.urls_platform"
ROOT_URLCONF = "config.urls_tenant"
# What is answered while a marketplace is suspended for billing (`tenants.ajar`): what is booked, by link, by account and in the
# providers' calendar, and what those pages are drawn with. Everything else shows that it is closed for now.
_LOOKED_AT: Final = frozenset({"GET", "HEAD"})
_ACTED_ON: Final = _LOOKED_AT | {"POST"}
AJAR_WAY_IN = "booking_find"
OPEN_WHILE_AJAR = {
    "booking_status": _LOOKED_AT,
    "booking_calendar_file": _LOOKED_AT,
    "booking_cancel": _ACTED_ON,
    "booking_renew": _ACTED_ON,
    "booking_find": _ACTED_ON,
    "booking_account": _LOOKED_AT,
    "account_login": _ACTED_ON,
    "account_logout": _ACTED_ON,
    "account_reset_password": _ACTED_ON,
    "account_reset_password_done": _LOOKED_AT,
    "account_reset_password_from_key": _ACTED_ON,
    "account_reset_password_from_key_done": _LOOKED_AT,
    "backoffice:home": _LOOKED_AT,
    "backoffice:calendar": _LOOKED_AT,
    "backoffice:bookings": _LOOKED_AT,
    "backoffice:booking": _LOOKED_AT,
    "storefront_media": _LOOKED_AT,
    "themes:stylesheet": _LOOKED_AT,
    "themes:brand_file": _LOOKED_AT,
    "themes:package_file": _LOOKED_AT,
}
DATABASE_ROUTERS = ["tenants.router.TenantRouter"]
TENANT_SYNC_ROUTER = "tenants.router.TenantRouter"
# Says of a tenant whether it is in quarantine: `tenants` may not import who keeps those.
TENANT_QUARANTINE = "provisioning.fleet.moves.keep_closed"
# Says of a name whether a sandbox is being made for it; for the same reason.
SANDBOX_RENEWAL = "provisioning.sandboxes.selectors.is_being_made"
# Who counts what organizations use (`shared_apps.plans.selectors.usage`).
PLAN_USAGE = "provisioning.health.usage.usage_by_month"
SUPPORTED_SCHEMA_VERSIONS = env.words("SUPPORTED_SCHEMA_VERSIONS", [])
HOST_CACHE_SIZE = 10_000
# Longer than any process keeps a host in memory (tenants.hosts.CACHE_SECONDS): what is closed has to be closed everywhere.
HOST_CACHE_FOLLOWED_SECONDS = 6
# For so long an organization that was closed can be opened again; then everything of it is erased.
CLOSING_GRACE_DAYS = env.number("CLOSING_GRACE_DAYS", 30)
# Made-up people with a known password: only config.settings.demo says yes.
DEMO = False
PROVISIONING_POOL_TARGET = env.number("POOL_TARGET", 5)
PROVISIONING_LEASE_SECONDS = env.number("PROVISIONING_LEASE_SECONDS", 7)

# What is asked of tenants is counted in each process and written this often, in seconds; 0 is never.
TRAFFIC_FLUSH_SECONDS = env.number("TRAFFIC_FLUSH_SECONDS", 5)
# A statement of an organization that takes longer is told on its page of health; 0 is never.
SLOW_STATEMENT_MS = env.number("SLOW_STATEMENT_MS", 500)
# So many organizations have numbers of their own in /metrics; the others' are one.
METRICS_NAMED_TENANTS = env.number("METRICS_NAMED_TENANTS", 200)
# With this token they may be read from outside, too; without one from INTERNAL_NETWORKS only.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
# The collector that traces are sent to (OTLP over HTTP); empty: nobody is told, and nothing of it is loaded.
OTEL_EXPORTER_OTLP_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT", "")

# What an archive of an organization may take when it is unpacked; more is refused, whoever signed it.
ARCHIVE_MAX_BYTES = env.number("ARCHIVE_MAX_BYTES", 100_000_000_000)
# Whether every active organization gets a snapshot each day, to go back to.
NIGHTLY_SNAPSHOTS = env.flag("NIGHTLY_SNAPSHOTS", default=True)

# Two pictures and a form's words. The proxy in front has the same limit (ops/deploy/Caddyfile).
MAX_BODY_BYTES = 12 * 1024 * 1024

# The platform's own cluster, and others that organizations may live on (ADR 0015).
DATABASES: dict[str, dict[str, Any]] = {  # Any: Django's own shape
    alias: {
        **address,
        "ENGINE": "tenants.backend",
        # Connections are renewed: a backend that has touched many schemas keeps their catalogs in memory (R20).
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # What the address says (sslmode, sslrootcert) wins, and is never lost.
        "OPTIONS": {"connect_timeout": 5} | cast("dict[str, Any]", address.get("OPTIONS", {})),  # Any: libpq's options
        "TEST": {"MIGRATE": False},
    }
    for alias, address in ({"default": env.database("DATABASE_URL")} | env.databases("CLUSTERS")).items()
}
# Where new organizations come to live: a name of CLUSTERS, or the platform's own.
NEW_ORGANIZATIONS_CLUSTER = env.text("NEW_ORGANIZATIONS_CLUSTER", "default")
# A backend that has used every table of a schema keeps 2.8 MB of its catalog: with so many it stays below 200 MB.
SCHEMAS_OF_A_CONNECTION = 64
# The second wall (ADR 0008). `manage.py setup` makes the roles by a login that may; the application's own may not.
ADMIN_DATABASE: dict[str, Any] = {**env.database("ADMIN_DATABASE_URL", "DATABASE_URL")}  # Any: as above
# The login of processes that serve pages and do no DDL, where they have one of their own: set-up makes it.
PAGES_DATABASE: dict[str, Any] = {**env.database("PAGES_DATABASE_URL", "DATABASE_URL")}  # Any: as above
# The same two of the other clusters, by name; the login of CLUSTERS itself where one is not named.
ADMIN_CLUSTERS: dict[str, dict[str, Any]] = env.databases("ADMIN_CLUSTERS")  # Any: as above
PAGES_CLUSTERS: dict[str, dict[str, Any]] = env.databases("PAGES_CLUSTERS")  # Any: as above
DATABASE_ROLE_PREFIX = env.identifier("DATABASE_ROLE_PREFIX", "stoa")
TENANT_ROLES_MAY_LOGIN = env.flag("TENANT_ROLES_MAY_LOGIN", default=False)
REFUSE_POWERFUL_LOGIN = False
# Seconds, by the plan's code; 0 is without limit.
DATABASE_LIMITS: dict[str, dict[str, int]] = {
    "default": {"statement_seconds": 30, "lock_seconds": 10, "idle_in_transaction_seconds": 60},
    "stall": {"statement_seconds": 15, "lock_seconds": 10, "idle_in_transaction_seconds": 30},
    "hall": {"statement_seconds": 60, "lock_seconds": 10, "idle_in_transaction_seconds": 60},
}
# What visitors of one organization may ask, by the plan's code: a second, at once, and in flight in one process; and how many
# sockets one live process keeps open. Of gunicorn's eight threads, pages and half as many of the staff's leave one to everybody
# else. 0 is without limit.
REQUEST_LIMITS: dict[str, dict[str, int]] = {
    "default": {"per_second": 15, "burst": 120, "at_once": 5, "sockets": 500},
    "stall": {"per_second": 5, "burst": 60, "at_once": 4, "sockets": 200},
    "hall": {"per_second": 50, "burst": 300, "at_once": 5, "sockets": 1500},
}
# The share of the staff, and of whoever signs in: what visitors of the other pages take does not count here.
STAFF_PATHS = ("/manage/", "/accounts/", "/enter/")
# In how many processes pages are answered, on all machines together: each lets in its part of what a second may bring.
WEB_PROCESSES = env.number("WEB_PROCESSES", 1)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
# The doorbells' and the sockets' servers, where they have one of their own; REDIS_URL is then the cache's.
TASKS_REDIS_URL = env.text("TASKS_REDIS_URL", "") or REDIS_URL
LIVE_REDIS_URL = env.text("LIVE_REDIS_URL", "") or REDIS_URL
# The beginning of every key and channel, so that several installations can share a Redis.
REDIS_PREFIX = env.text("REDIS_PREFIX", "stoa")
# A page must not wait for a Redis that is silent; a connection that its restart has cut is made anew at once.
REDIS_OPTIONS = {
    "socket_connect_timeout": 0.3,
    "socket_timeout": 0.3,
    "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
}
CACHES = {
    "default": {
        "BACKEND": "tenants.cache.TenantCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "tenants.cache.make_key",
        "KEY_PREFIX": REDIS_PREFIX,
        "OPTIONS": REDIS_OPTIONS,
    }
}

MIDDLEWARE = [
    # A browser's handshake waits for this one answer, which needs nothing of all that follows.
    "tenants.tls.TlsAskMiddleware",
    # Outside of any scope, so that pages for unknown hosts and closed marketplaces have their lines and headers too.
    "django_structlog.middlewares.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "webui.security.BrowserHeadersMiddleware",
    "tenants.middleware.ScopeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tenants.locale.TenantLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "webui.uploads.BodyLimitMiddleware",
    "webui.errors.DomainErrorMiddleware",
    # Inside the one above, so that it sees a refusal before that makes a page of it.
    "tenant_apps.members.middleware.ActorMiddleware",
    "provisioning.sandboxes.gate.SandboxGate",
]
if OTEL_EXPORTER_OTLP_ENDPOINT:
    # Inside of the one that gives a request its id, around everything else.
    MIDDLEWARE.insert(MIDDLEWARE.index("django_structlog.middlewares.RequestMiddleware") + 1, "tenants.spans.SpanMiddleware")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("themes.loader.PackageLoader", ["django.template.loaders.app_directories.Loader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.branding",
                "tenant_apps.storefront.context.chrome",
                "tenant_apps.backoffice.context.chrome",
            ],
            "builtins": ["django.templatetags.i18n", "webui.templatetags.ui", "themes.templatetags.art"],
        },
    }
]
FORM_RENDERER = "webui.forms.StoaRenderer"
THEME_PACKAGE_FOR_REQUEST = "config.context.current_package"
# Where this machine unpacks versions of theme packages that this code does not bring itself; may be emptied at any time.
THEME_CACHE_DIR = env.text("THEME_CACHE_DIR", str(ROOT / ".local" / "themes"))

# --- people
AUTH_USER_MODEL = "accounts.User"
# The address is unique by a constraint on its lower case, which the check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_ENGINE = "tenants.sessions"
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "stoa_session"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "stoa_csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
# What somebody takes elsewhere one day must not be bound to TLS for a year by us.
BROUGHT_HSTS_SECONDS = 259_200 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
# Behind a proxy, sockets answer at the page's own address; without one (the demo), at another port of the same host.
LIVE_PORT = env.text("LIVE_PORT", "")
_live_origins = [f"{'wss' if SECURE else 'ws'}://{host}:{LIVE_PORT}" for host in (f"*.{PLATFORM_DOMAIN}",)] if LIVE_PORT else []
SECURE_CSP = CONTENT_SECURITY_POLICY | {"connect-src": [*CONTENT_SECURITY_POLICY["connect-src"], *_live_origins]}
CSRF_FAILURE_VIEW = "webui.views.csrf_failure"

# --- language and time
LANGUAGE_CODE = "en"
# The operator's console has no marketplace whose region it could follow.
CONSOLE_LOCALE = "en-GB"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("de", "Deutsch"), ("es", "Español"), ("ar", "العربية")]
LOCALE_PATHS = [ROOT / "platform" / "webui" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- static files and uploads
# Files of theme packages are no static files: they are served by the version that is worn (`themes.views.package_file`).
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
STATIC_URL = "/static/"
STATIC_ROOT = env.text("STATIC_ROOT", str(ROOT / "staticfiles"))
MEDIA_ROOT = env.text("MEDIA_ROOT", str(ROOT / ".local" / "media"))
MEDIA_URL = "/media/"
STORAGES: dict[str, dict[str, Any]] = {  # Any: Django's own shape
    "default": {"BACKEND": "tenants.storage.TenantFileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

# --- events and jobs
EVENT_SUBSCRIPTIONS = "config.subscriptions.SUBSCRIPTIONS"
OUTBOX_DOORBELL = "config.celery.ring_doorbell"
OUTBOX_TENANT_ID = "tenants.scope.current_tenant_id"
OUTBOX_ENTER_SCOPE = "tenants.tasks.enter_scope"
OUTBOX_CLUSTERS = "tenants.clusters.clusters"
OUTBOX_ON_CLUSTER = "tenants.clusters.on_cluster"
OUTBOX_BOOKS = "tenants.scope.cluster_scope"
OUTBOX_STANDINGS = "tenants.standing.standings_of"
JOB_KINDS = "config.jobs.KINDS"
JOB_SCHEDULES = "config.jobs.SCHEDULES"
# Of jobs that come in crowds (webhooks) a process rings for the first at once, and then so often at most.
BELLS_GATHERED_MS = 100
# How many workers one tenant's events and jobs may have at once, by the plan's code.
JOBS_AT_ONCE = {"default": 4, "stall": 2, "hall": 8}
# How many letters one tenant may send a day, by the plan's code; 0 is without limit. Those about one's account do not count.
MAILS_PER_DAY = {"default": 2_000, "stall": 300, "hall": 20_000}
LOCK_NAMESPACE = "tenants.scope.lock_namespace"
POLICY_REPORT_COUNTER = "tenants.policy_reports.count_policy_report"
TASK_APP = "config.celery.app"
CELERY_BROKER_URL = TASKS_REDIS_URL
# visibility_timeout: longer than the longest task, the same everywhere, since the shortest in any app wins (R36).
# The others are for whoever publishes, often a request: without them kombu tries for six seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 0.4,
    "socket_connect_timeout": 0.3,
    "max_retries": 0,
    "global_keyprefix": f"{REDIS_PREFIX}-tasks:",
}
CELERY_BEAT_SCHEDULER = "config.schedule:PlatformScheduler"
PERIODIC_JOBS = "config.schedule.JOBS"

# --- logs
LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
LOGGING = logs.logging_through(logs.AS_JSON, level=LOG_LEVEL)

# --- mail
MAILERS: dict[str, dict[str, Any]] = {  # Any: Django's own shape
    "default": {
        "BACKEND": "provisioning.sandboxes.mail.MailDoor",
        "OPTIONS": {
            "transport": "django.core.mail.backends.smtp.EmailBackend",
            "options": {
                "host": env.text("EMAIL_HOST", "127.0.0.1"),
                "port": env.number("EMAIL_PORT", 25),
                "username": env.text("EMAIL_HOST_USER", ""),
                "password": env.text("EMAIL_HOST_PASSWORD", ""),
                "use_tls": env.flag("EMAIL_USE_TLS", default=False),
                "timeout": 10,
            },
        },
    }
}
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Stoa <hello@{PLATFORM_DOMAIN}>")

# --- Stripe
# The platform's own key, and the secrets that webhooks are signed with: two while one is rotated.
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY", "")
# Whether Stripe Tax finds the tax of what is billed; else nothing is added but what somebody writes onto an invoice.
STRIPE_TAX = env.flag("STRIPE_TAX", default=False)
STRIPE_WEBHOOK_SECRETS = [secret.strip() for secret in env.text("STRIPE_WEBHOOK_SECRETS", "").split(",") if secret.strip()]
# The local Stripe of the demo, and of nothing else (integrations.stripe.checks); empty: Stripe itself.
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "")
# How far the demo's local Stripe was moved forward (integrations.stripe.clock). No word of the environment's: time is moved in
# the demo's settings only.
STRIPE_CLOCK_FILE = ""
# How often trials, patience and grace are looked at; one query where nothing is due.
BILLING_ROUND_SECONDS = 60

# --- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "shared_apps.rest.openapi.ApiSchema",
    "EXCEPTION_HANDLER": "shared_apps.rest.handler.handle_problem",
    "NUM_PROXIES": 1 if env.flag("BEHIND_PROXY", default=False) else 0,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {"TITLE": "Stoa", "VERSION": "1", "OAS_VERSION": "3.1.1", "SERVE_INCLUDE_SCHEMA": False}
PHONENUMBER_DB_FORMAT = "E164"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": LIVE_REDIS_URL, "socket_connect_timeout": 0.5}], "prefix": f"{REDIS_PREFIX}-live"},
    }
}
