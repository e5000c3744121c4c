"""The interface below `/v1/`: who asks, under which key, what they want, and what went wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from integrations.stripe.fake.calls import Call, Handler, Routes, match
from integrations.stripe.fake.expanding import answered, expand
from integrations.stripe.fake.faults import Fault, Faults, Planned
from integrations.stripe.fake.keys import Kept, Keys
from integrations.stripe.fake.listing import page
from integrations.stripe.fake.params import Params, tree_of
from integrations.stripe.fake.refusals import Obj, Refusal
from integrations.stripe.fake.store import KEY, Store
from integrations.stripe.fake.unit import Unit
from integrations.stripe.version import STRIPE_API_VERSION

_BROKEN: Final[Obj] = {"error": {"type": "api_error", "message": "An unknown error occurred (a fault that was switched on)."}}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names in small letters, `text` the query of a GET or DELETE, else the body."""

    method: str
    path: str
    text: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer; with `is_lost` the connection ends instead."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A request that may begin: its key is taken, its trouble drawn."""

    request: Request
    request_id: str
    handler: Handler
    ids: tuple[str, ...]
    params: Params
    key: str
    fault: Planned | None


class Api:
    """Stateless but for what it is given. One request at a time: `open`, a pause where it is slow, `work`."""

    def __init__(
        self, *, store: Store, routes: Routes, faults: Faults, key: str, now: Callable[[], int], base_url: str
    ) -> None:
        self._store = store
        self._routes = routes
        self.faults = faults
        self._key = key
        self._now = now
        self.base_url = base_url
        self._keys = Keys(store)

    def answer(self, request: Request) -> Reply:
        """Both steps, for who does not pause."""
        opened = self.open(request)
        return opened if isinstance(opened, Reply) else self.work(opened)

    def open(self, request: Request) -> Opened | Reply:
        """Who asks, for what, and whether it was asked before."""
        request_id = self._store.next_id("req")
        try:
            self._check(request)
            handler, ids = self._route(request)
            params = Params(tree_of(request.text))
            fault = self._trouble(request)
            key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
            kept = self._keys.begin(key, self._asked(request, params), now=self._now()) if key else None
        except Refusal as refusal:
            return _reply(refusal.status, json.dumps(refusal.body), request_id)
        if kept is not None:
            return _replayed(kept, request_id)
        return Opened(request, request_id, handler, ids, params, key, fault)

    def _route(self, request: Request) -> tuple[Handler, tuple[str, ...]]:
        found = match(self._routes, request.method, request.path.removeprefix("/v1/"))
        if found is None:
            raise Refusal(f"Unrecognized request URL ({request.method}: {request.path}).", status=404, is_stored=False)
        return found

    def _trouble(self, request: Request) -> Planned | None:
        fault = self.faults.take(request.method, request.path)
        if fault and fault.fault is Fault.BUSY:
            raise Refusal("Too many requests hit the API too quickly.", status=429, code="rate_limit", is_stored=False)
        return fault

    def work(self, opened: Opened) -> Reply:
        """Do it, keep it, and say so."""
        try:
            return self._work(opened)
        finally:
            self._keys.end(opened.key)

    def _work(self, opened: Opened) -> Reply:
        fault = opened.fault.fault if opened.fault else None
        unit = self._unit(opened)
        if fault is Fault.BROKEN:
            return self._end(opened, unit, 500, _BROKEN)
        try:
            body = self._run(opened, unit)
        except Refusal as refusal:
            if not refusal.keeps:
                unit = self._unit(opened)
            return self._end(opened, unit, refusal.status, refusal.body, is_stored=refusal.is_stored)
        if fault is Fault.BROKEN_AFTER:
            return self._end(opened, unit, 500, _BROKEN)
        reply = self._end(opened, unit, 200, body)
        return Reply(reply.status, reply.body, reply.headers, is_lost=fault is Fault.LOST)

    def _run(self, opened: Opened, unit: Unit) -> Obj:
        params = opened.params
        wishes = params.texts("expand")
        result = opened.handler(Call(unit, params, opened.ids, self.base_url))
        body = answered(unit, result, lambda found: page(unit, params, found, opened.request.path))
        params.refuse_unread()
        expand(unit, body, wishes)
        return body

    def _end(self, opened: Opened, unit: Unit, status: int, body: Obj, *, is_stored: bool = True) -> Reply:
        text = json.dumps(body)
        if opened.key and is_stored:
            record = self._keys.record(
                asked=self._asked(opened.request, opened.params),
                status=status,
                body=text,
                request_id=opened.request_id,
                now=self._now(),
            )
            unit.put(KEY, opened.key, record)
        unit.commit()
        return _reply(status, text, opened.request_id, key=opened.key)

    def _unit(self, opened: Opened) -> Unit:
        return Unit(self._store, now=self._now(), request_id=opened.request_id, key=opened.key or None)

    def _check(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            raise Refusal("You did not provide an API key.", status=401, is_stored=False)
        if key != self._key:
            raise Refusal(f"Invalid API Key provided: {key[:8]}****", status=401, is_stored=False)
        version = request.headers.get("stripe-version", STRIPE_API_VERSION)
        if version != STRIPE_API_VERSION:
            raise Refusal(f"The local Stripe speaks {STRIPE_API_VERSION} only, not {version}.", is_stored=False)
        if account := request.headers.get("stripe-account"):
            raise Refusal(
                f"The provided key does not have access to account '{account}' (or that account does not exist).",
                status=403,
                code="account_invalid",
                is_stored=False,
            )

    def _asked(self, request: Request, params: Params) -> str:
        return f"{request.method} {request.path} {params.as_text()}"


def _reply(status: int, body: str, request_id: str, *, key: str = "") -> Reply:
    headers = {"content-type": "application/json", "request-id": request_id, "stripe-version": STRIPE_API_VERSION}
    return Reply(status, body, headers | ({"idempotency-key": key} if key else {}))


def _replayed(kept: Kept, request_id: str) -> Reply:
    reply = _reply(kept.status, kept.body, request_id)
    return Reply(kept.status, kept.body, {**reply.headers, "idempotent-replayed": "true", "original-request": kept.request_id})
