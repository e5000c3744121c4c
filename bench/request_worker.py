"""Answers the same page again and again, with tenancy or plainly; run by bench.bench_request as two processes.

Reads a number of requests per line from standard input and writes the CPU seconds they took.
"""

from __future__ import annotations

import os
import sys
import time
from http import HTTPStatus

import django
from django.conf import settings


def main() -> None:
    mode, schema, host = sys.argv[1:4]
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    if mode == "plain":
        _without_tenancy(schema)
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if mode == "tenant" or not name.startswith("tenants.")]
    settings.ROOT_URLCONF = "bench.request_urls"
    django.setup()
    if mode == "plain":
        _without_stamps()
    _answer(host)


def _without_tenancy(schema: str) -> None:
    """Django's own backend on the tenant's tables, as if there were only this one organization."""
    database = settings.DATABASES["default"]
    database["ENGINE"] = "django.db.backends.postgresql"
    database["OPTIONS"] = database["OPTIONS"] | {"options": f"-c role={schema} -c search_path={schema},extensions"}
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"


def _without_stamps() -> None:
    from django.db import router
    from django.db.models import Model

    from tenants.stamp import ScopedModel

    router.__dict__["routers"] = []  # after start-up, where django-tenants insists on its own
    ScopedModel.from_db = classmethod(Model.from_db.__func__)  # type: ignore[method-assign]  # the point of the baseline


def _answer(host: str) -> None:
    from django.test import Client

    client = Client(headers={"host": host})
    for line in sys.stdin:
        started = time.process_time()
        for _ in range(int(line)):
            response = client.get("/bench/")
            assert response.status_code == HTTPStatus.OK, response.content[:500]
        print(time.process_time() - started, flush=True)


if __name__ == "__main__":
    main()
