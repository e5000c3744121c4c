"""A real browser on the gallery, served by a thread of the test process without database or tenant."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test import override_settings
from playwright.sync_api import Page

from tests.webui.conftest import CONTEXT_PROCESSORS, MIDDLEWARE
from webui.security import CONTENT_SECURITY_POLICY

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
    }
]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        """Requests of the browser are no output of the suite."""


@contextmanager
def running_site() -> Generator[str]:
    """The address of a server with the project's security headers."""
    with override_settings(
        ROOT_URLCONF="tests.webui.urls",
        MIDDLEWARE=MIDDLEWARE,
        SECURE_CSP=CONTENT_SECURITY_POLICY,
        FORM_RENDERER="webui.forms.StoaRenderer",
        TEMPLATES=TEMPLATES,
        ALLOWED_HOSTS=["*"],
    ):
        server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
        server.daemon_threads = True
        server.set_app(StaticFilesHandler(WSGIHandler()))
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class Visit:
    """A page in the gallery, with what went wrong on it so far."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.complaints: list[str] = []
        page.on(
            "console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.site}{path}", wait_until="load")
        return self.page

    def gallery(self, page: str = "public", theme: str = "stoa", **query: str) -> Page:
        words = "".join(f"&{key}={value}" for key, value in query.items())
        return self.open(f"/webui/gallery/?page={page}&theme={theme}{words}")

    def violations(self) -> list[str]:
        self.page.evaluate(AXE)
        found = self.page.evaluate("(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", AXE_RULES)
        return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]

    def focused(self) -> str:
        return self.page.evaluate("document.activeElement.value ?? document.activeElement.id")
