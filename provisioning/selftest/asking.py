"""Asks a marketplace's pages as a browser or a program would: through the whole WSGI application, in this process."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from functools import cache
from http.cookies import SimpleCookie
from io import BytesIO
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from tenants.context import TenantContext
from tenants.traffic.gate import gate

OK: Final = 200
REDIRECT: Final = 302
PAYMENT_REQUIRED: Final = 402
_PORTS: Final = {"http": "80", "https": "443"}


type ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str


def ask(tenant: TenantContext, path: str, *, query: str = "", session: str = "", key: str = "") -> Answer:
    """GET `path` at the marketplace's own host, perhaps with a session's cookie or an API key.

    In an empty context, as a server's thread has it: no scope is entered but by the application itself.
    """
    # A worker has no visitors. Of what they may ask, each of many processes lets in less than a test asks for.
    gate.reset()
    return Context().run(_asked, _request(tenant, path, query=query, session=session, key=key))


def _asked(asked: dict[str, Any]) -> Answer:  # Any: WSGI's own shape
    told: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], error: ExceptionInfo = None, /) -> Callable[[bytes], object]:
        del headers, error
        told.append(status)
        return lambda _bytes: None  # the old way to write an answer, which Django does not go

    response = _application()(asked, start)
    try:
        body = b"".join(response)
    finally:
        response.close()
    return Answer(int(told[0].split()[0]), body.decode(errors="replace"))


def _request(tenant: TenantContext, path: str, *, query: str, session: str, key: str) -> dict[str, Any]:  # Any: as above
    address = urlsplit(tenant.base_url)
    asked = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": address.hostname or "",
        "SERVER_PORT": str(address.port or _PORTS[address.scheme]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": address.netloc,
        # Behind a proxy, this is how Django knows that the browser speaks TLS.
        "HTTP_X_FORWARDED_PROTO": address.scheme,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if session:
        asked["HTTP_COOKIE"] = SimpleCookie({settings.SESSION_COOKIE_NAME: session}).output(header="").strip()
    if key:
        asked["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return asked


@cache
def _application() -> WSGIHandler:
    """As `get_wsgi_application`, for a process in which Django is set up already."""
    return WSGIHandler()
