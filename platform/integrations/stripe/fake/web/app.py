"""The local Stripe behind HTTP: an ASGI application without a framework."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Final

from integrations.stripe.fake.api import Reply, Request
from integrations.stripe.fake.control import Control
from integrations.stripe.fake.local import LocalStripe
from integrations.stripe.fake.outgoing import Outgoing
from integrations.stripe.fake.params import Params, tree_of
from integrations.stripe.fake.refusals import Refusal
from integrations.stripe.fake.web.checkout_page import CheckoutPage
from integrations.stripe.fake.web.control_page import ControlPage
from integrations.stripe.fake.web.html import Page, origin_of, page, redirect, tag
from integrations.stripe.fake.web.invoice_page import InvoicePage
from integrations.stripe.fake.web.portal_page import PortalPage

type Message = MutableMapping[str, Any]  # Any: ASGI's own shape
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]

_LONGEST_BODY: Final = 1024 * 1024
_NOT_FOUND: Final = 404
_FORBIDDEN: Final = 403
_STYLE: Final = Path(__file__).with_name("style.css")
_JSON: Final = "application/json"


class App:
    """One local Stripe for a whole process. Everything happens on the event loop, one request after the other."""

    def __init__(self, local: LocalStripe, outgoing: Outgoing) -> None:
        self.local = local
        self.outgoing = outgoing
        self.control = Control(local, outgoing)
        self._control_page = ControlPage(local, self.control)
        self._invoices = InvoicePage(local)
        self._pages: dict[str, CheckoutPage | PortalPage | InvoicePage] = {
            "c": CheckoutPage(local),
            "p": PortalPage(local),
            "i": self._invoices,
        }
        self._style = _STYLE.read_bytes()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One connection's request, or the server's own life."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        method, path = scope["method"], scope["path"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.local.run_due()
        text = body.decode("utf-8", "replace") if method == "POST" else scope["query_string"].decode("latin-1")
        if path.startswith("/v1/"):
            await self._answer_api(Request(method, path, text, headers), send)
            return
        await _send_page(send, self._page(method, path, text, headers), headers.get("host", ""))

    async def _answer_api(self, request: Request, send: Send) -> None:
        opened = self.local.api.open(request)
        if isinstance(opened, Reply):
            reply = opened
        else:
            # While it is slow others are answered, and another try with the same key is told that this one is under way.
            await asyncio.sleep(opened.fault.seconds if opened.fault else 0.0)
            reply = self.local.api.work(opened)
        content = reply.body.encode()
        headers = [*reply.headers.items(), ("content-length", str(len(content)))]
        await _start(send, reply.status, headers)
        # A lost answer ends after its headers: the server then closes the connection, as a broken line would.
        if not reply.is_lost:
            await send({"type": "http.response.body", "body": content})

    def _page(self, method: str, path: str, text: str, headers: dict[str, str]) -> Page:
        try:
            return self._routed(method, path, text, headers)
        except Refusal as refusal:
            status = _NOT_FOUND if refusal.error.get("code") == "resource_missing" else refusal.status
            return page("Not here", tag("section", tag("p", str(refusal))), status=status)

    def _routed(self, method: str, path: str, text: str, headers: dict[str, str]) -> Page:
        if method == "POST" and _is_foreign(headers):
            return page("Not from here", tag("p", "This form was sent by another site."), status=_FORBIDDEN)
        first, _, rest = path.strip("/").partition("/")
        if first == "_control":
            return self._switch(method, rest, text, headers)
        if first in self._pages and rest:
            return self._of_an_object(method, first, rest, text)
        if path == "/style.css":
            return Page(self._style, kind="text/css")
        return page("Not here", tag("p", "There is no such page."), status=_NOT_FOUND) if first else redirect("/_control/")

    def _of_an_object(self, method: str, first: str, rest: str, text: str) -> Page:
        if first == "i" and rest.endswith("/pdf"):
            return self._invoices.pdf(rest.removesuffix("/pdf"))
        shown = self._pages[first]
        return shown.submit(rest, Params(tree_of(text))) if method == "POST" else shown.show(rest)

    def _switch(self, method: str, name: str, text: str, headers: dict[str, str]) -> Page:
        wants_json = _JSON in headers.get("accept", "")
        if method != "POST":
            state = json.dumps(self.control.state()).encode()
            return Page(state, kind=_JSON) if wants_json or name == "state" else self._control_page.show()
        try:
            told = self.control.act(name, Params(tree_of(text)))
        except Refusal as refusal:
            if wants_json:
                return Page(json.dumps(refusal.body).encode(), status=refusal.status, kind=_JSON)
            return self._control_page.show(message=str(refusal), status=refusal.status)
        return Page(json.dumps({"told": told}).encode(), kind=_JSON) if wants_json else self._control_page.show(message=told)


def _is_foreign(headers: dict[str, str]) -> bool:
    """Whether a form comes from another site's page: a browser always says which."""
    origin = headers.get("origin", "")
    return bool(origin) and origin.partition("://")[2] != headers.get("host", "")


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > _LONGEST_BODY:
            return bytes(body[:_LONGEST_BODY])


async def _send_page(send: Send, shown: Page, host: str) -> None:
    ways = " ".join(["'self'", *dict.fromkeys(origin_of(way) if "://" in way else f"http://{host}" for way in shown.leads_to)])
    policy = f"default-src 'none'; style-src 'self'; form-action {ways}; base-uri 'none'; frame-ancestors 'none'"
    headers = [
        ("content-type", shown.kind),
        ("content-length", str(len(shown.body))),
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        # Not `no-referrer`: with that a browser sends forms from `null`, which could be anybody.
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        *([("location", shown.location)] if shown.location else []),
    ]
    await _start(send, shown.status, headers)
    await send({"type": "http.response.body", "body": shown.body})


async def _start(send: Send, status: int, headers: list[tuple[str, str]]) -> None:
    written = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": written})


async def _live(receive: Receive, send: Send) -> None:
    """The server's start and end: nothing to do for either."""
    while True:
        message = await receive()
        kind = message["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
