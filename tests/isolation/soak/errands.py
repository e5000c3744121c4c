"""What the soak writes: bookings held, made and cancelled by page and by program, each under a name that nobody else has."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import connection

from tenants.scope import owner_scope, tenant_scope
from tests.isolation.marks import canaries_in
from tests.isolation.soak.pages import Site
from tests.isolation.world import TWIN, World

# Behind everything that the world holds, and within what may be booked ahead.
_FIRST_DAY = 32
_HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|slot|tz|attempt)" value="([^"]*)"')
# Apart from the world's own canaries.
_FIRST_CANARY = 900_000


@dataclass(frozen=True)
class Reply:
    """What came back, whole and in parts."""

    status: int
    headers: http.client.HTTPMessage
    body: str
    whole: str


# Method, path, headers, body → the answer, which has been looked at for anything foreign.
Send = Callable[[str, str, Mapping[str, str], str], Reply]


class Failed(Exception):
    """An errand met an answer that it cannot go on from."""


@dataclass
class Errand:
    """One client's errands at one marketplace, at an hour of its own, so that none stands in another's way."""

    site: Site
    number: int
    send: Send
    cookies: dict[str, str] = field(default_factory=dict)

    def run(self, kind: str) -> None:
        """Book and cancel. Raises Failed where an answer is not what it should be, or lacks the own name."""
        {"page": self._by_page, "program": self._by_program}[kind]()

    @property
    def _name(self) -> str:
        return f"Soak {canary_of(self.site.tenant.slug, self.number)}"

    def _slot(self, hour: int) -> str:
        return f"{self.site.now + timedelta(days=_FIRST_DAY + self.number):%Y-%m-%dT{hour}:00:00Z}"

    def _customer(self) -> dict[str, str]:
        return {"first_name": "Eve", "last_name": self._name, "email": f"soak-{self.number}@world.example"}

    def _by_program(self) -> None:
        order = {"service": TWIN.public("svc", "clean"), "starts_at": self._slot(10), "customer": self._customer()}
        made = self._call("/api/v1/bookings", order, {}, 201)
        token = {"Booking-Token": made["manage_token"]}
        self._call(f"/api/v1/bookings/{made['id']}/cancel", {"reason": self._name}, token, 200)

    def _call(self, path: str, body: dict[str, Any], headers: dict[str, str], status: int) -> dict[str, Any]:  # Any: JSON
        reply = self.send("POST", path, {"Content-Type": "application/json"} | headers, json.dumps(body))
        self._expect(reply, path, status, named=True)
        return dict(json.loads(reply.body))

    def _by_page(self) -> None:
        self.cookies.clear()
        form = f"/services/clean/book/?{urlencode({'slot': self._slot(14), 'tz': 'Europe/London'})}"
        fields = self._shown(form)
        self._press("/services/clean/book/hold/", fields)
        link = self._press("/services/clean/book/", self._shown(form) | self._customer())
        self._expect(self._open("GET", link), link, 200, named=True)
        self._press(f"{link}cancel/", fields | {"reason": self._name})

    def _shown(self, path: str) -> dict[str, str]:
        reply = self._open("GET", path)
        self._expect(reply, path, 200)
        return dict(_HIDDEN.findall(reply.body))

    def _press(self, path: str, fields: dict[str, str]) -> str:
        """Send a form; where it leads to."""
        reply = self._open("POST", path, urlencode(fields))
        self._expect(reply, path, 303)
        return urlsplit(reply.headers["Location"]).path

    def _open(self, method: str, path: str, body: str = "") -> Reply:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        reply = self.send(method, path, sent, body)
        for line in reply.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return reply

    def _expect(self, reply: Reply, path: str, status: int, *, named: bool = False) -> None:
        if reply.status != status or (named and self._name not in reply.body):
            raise Failed(f"{path}: {reply.status}, or without the own name")


def canary_of(slug: str, number: int) -> str:
    """What a client writes at this marketplace."""
    return f"CANARY-{slug.upper()}-{_FIRST_CANARY + number}"


def strays(world: World) -> set[str]:
    """Rows of either marketplace with a canary of the other, as "schema of <slug>: <table> <canary>"."""
    return {
        f"schema of {here.slug}: {table} {canary}"
        for here, there in (world.twins, world.twins[::-1])
        for table, text in _rows_naming(here.schema, f"canary-{there.slug}-")
        for canary in canaries_in(text, there.slug)
    }


def cancelled_bookings(world: World) -> dict[str, int]:
    """How many bookings of errands each marketplace has, all of which must be over."""
    found = {}
    for tenant in world.twins:
        with tenant_scope(tenant), connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM bookings_booking WHERE status = 'cancelled' AND last_name LIKE %s",
                [f"Soak CANARY-{tenant.slug.upper()}-%"],
            )
            found[tenant.slug] = cursor.fetchone()[0]
    return found


def forget_bookings(world: World) -> None:
    """Delete what errands wrote or held, also where it went astray: the hours are free for the next, the world is as it was."""
    with owner_scope(reason="soak"), connection.cursor() as cursor:
        for tenant in world.twins:
            begin = world.now + timedelta(days=_FIRST_DAY - 1)
            cursor.execute(f"DELETE FROM {tenant.schema}.bookings_booking WHERE starts_at >= %s", [begin])


def _rows_naming(schema: str, text: str) -> Iterator[tuple[str, str]]:
    with owner_scope(reason="strays"), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        parts = [f"SELECT '{name}', t::text FROM {schema}.{name} t WHERE t::text ILIKE %s" for (name,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(parts), [f"%{text}%"] * len(parts))
        yield from cursor.fetchall()
