"""One way out for every log line, the standard library's and structlog's: to stderr, one line each (R59)."""

from __future__ import annotations

from typing import Any, Final

import structlog
from structlog.typing import Processor

from tenants.logs import add_scope, strike_secrets

# Django-structlog: one line at a request's end, the traceback of a crash, a line per task. The user is not asked for:
# that would be a query for each page; whoever looks the actor up binds it (tenant_apps.members.middleware).
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = 10

_KNOWN_TO_ALL: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    add_scope,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_SPELLED_OUT: Final[list[Processor]] = [
    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
    strike_secrets,
]
AS_JSON: Final[list[Processor]] = [*_SPELLED_OUT, structlog.processors.JSONRenderer()]
AS_TEXT: Final[list[Processor]] = [
    *_SPELLED_OUT,
    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
]

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_KNOWN_TO_ALL,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)

# Servers that set up their own handlers before Django is loaded, and Django, which has handlers for a developer's screen.
_WITH_HANDLERS_OF_THEIR_OWN: Final = (
    "django",
    "gunicorn.error",
    "gunicorn.access",
    "uvicorn",
    "uvicorn.error",
    "uvicorn.access",
)


def logging_through(rendering: list[Processor], *, level: str) -> dict[str, Any]:  # Any: the shape of dictConfig
    """Django's LOGGING: everything at `level` or above to stderr, made by `rendering`."""
    taken_over: dict[str, object] = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "stoa": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": rendering,
                "foreign_pre_chain": [*_KNOWN_TO_ALL, structlog.stdlib.ExtraAdder()],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "stoa"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            **dict.fromkeys(_WITH_HANDLERS_OF_THEIR_OWN, taken_over),
            # The same crash and the same 404 that django-structlog tells with request id and tenant.
            "django.request": {"level": "CRITICAL"},
            # Of each request it writes the address, of each refusal the sentence: what matters of them our errors hold.
            "stripe": {"level": "WARNING"},
        },
    }
