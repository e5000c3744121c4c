"""The marketplaces' own addresses on gunicorn, and one whose answers a test holds back, as a slow page would be."""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls_tenant import *  # noqa: F403  # a URLconf's handlers come along
from config.urls_tenant import urlpatterns as real

_LONGEST_SECONDS = 90


def held(request: HttpRequest) -> HttpResponse:
    """Keeps its thread until it is let go."""
    del request
    folder, latest = Path(os.environ["STOA_HELD"]), time.monotonic() + _LONGEST_SECONDS
    (folder / f"begun-{uuid4().hex}").touch()
    while not (folder / "open").exists() and time.monotonic() < latest:
        time.sleep(0.02)
    return HttpResponse("let go")


urlpatterns = [path("held/", held), *real]


def application(environ, start_response):
    """What gunicorn serves."""
    return _handler(environ, start_response)


settings.ROOT_URLCONF = __name__
_handler = WSGIHandler()
