"""Asks one route in every way that the policy below names, and says what of the other tenant came through.

Policy, so that the default run stays short: GET and POST are asked by every actor for the names that both twins have, the
other five methods by seven actors at least; the names that only beta has (GET and POST) by a guest, the owner, the thief, and
programs with alpha's key and with beta's. A method that the view refuses to the owner with 405 is not asked again by others:
no view looks at who asks before it says that.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any

from django.contrib import messages
from django.db import connection, transaction
from django.test import Client

from tenants.scope import owner_scope, platform_scope
from tests.isolation.browsers import FEW, MEANT, STRANGERS, USUAL_ONLY
from tests.isolation.marks import canaries_in
from tests.isolation.routes import Case, Route

SAFE = ("GET", "HEAD", "OPTIONS")
EVERYBODY = ("GET", "POST")
METHODS = (*EVERYBODY, "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
# Whoever is sent there has seen nothing yet.
_DOORS = ("/accounts/login/?next", "/accounts/reauthenticate/")
_NOTHING = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.TOO_MANY_REQUESTS,
}


@dataclass
class Walk:
    """What asking brought to light."""

    asked: int = 0
    problems: list[str] = field(default_factory=list)
    # (method, who) → status, and where it leads.
    answers: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    # Who was sent on to a page that says why nothing was done.
    refused: set[tuple[str, str]] = field(default_factory=set)

    def reached(self, *, even_refused: bool = False) -> bool:
        """Whether somebody who is meant to get in found anything: values that lead nowhere would prove nothing.

        Everybody else is sent away before anything is looked up, and OPTIONS is answered before that too.
        """
        return any(
            status not in _NOTHING and not place.startswith(_DOORS) and (even_refused or (method, who) not in self.refused)
            for (method, who), (status, place) in self.answers.items()
            if who in MEANT and method != "OPTIONS"
        )


@dataclass(frozen=True)
class Watch:
    """What may not show itself, and whose rows may not change."""

    owners: tuple[str, ...]
    schema: str

    def leaks_in(self, answer) -> list[str]:
        """Canaries in the status line, the headers, the cookies or the body."""
        whole = "\n".join(everything_in(answer))
        return [canary for owner in self.owners for canary in canaries_in(whole, owner)]

    def written(self) -> int:
        """How many rows of the watched schema this transaction has written, those undone since included."""
        with platform_scope(reason="written"), connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)"
                " FROM pg_stat_xact_user_tables WHERE schemaname = %s",
                [self.schema],
            )
            return int(cursor.fetchone()[0])

    def checksum(self) -> dict[str, str]:
        """A fingerprint of every table of the watched schema, and of its messages in the outbox."""
        with owner_scope(reason="checksum"), connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [self.schema])
            tables = [row[0] for row in cursor.fetchall()]
            parts = [
                f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {self.schema}.{table} t"
                for table in tables
            ]
            parts.append("SELECT 'outbox', count(*)::text FROM public.outbox_message WHERE tenant_id = %s")
            cursor.execute(" UNION ALL ".join(parts), [self.schema.removeprefix("t_")])
            return dict(cursor.fetchall())


def everything_in(answer) -> Iterator[str]:
    """All that reaches the browser, as text. What reaches a mailbox is written by workers, and looked at in test_mails."""
    yield f"{answer.status_code} {answer.reason_phrase}"
    yield from (f"{name}: {value}" for name, value in answer.items())
    yield from (morsel.OutputString() for morsel in answer.cookies.values())
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    yield body.decode("utf-8", "replace")


@dataclass
class Walker:
    """Asks one route, with one set of values."""

    route: Route
    case: Case
    values: dict[str, str]
    watch: Watch

    def walk(self, browsers: Mapping[str, Client], actors: Iterable[str] = ()) -> Walk:
        """Ask by `actors` (all, when none are named) in the ways of the policy."""
        walk = Walk()
        chosen = tuple(actors) or tuple(browsers)
        self.before = self.watch.checksum()
        for method in METHODS if chosen != FEW else EVERYBODY:
            asking = self._askers(method, chosen, browsers, walk)
            shown = {who: self._ask(method, who, browsers[who], walk) for who in asking}
            walk.problems += _more_than_a_guest(f"{method} {self.route}", shown)
            walk.answers |= {(method, who): answer for who, answer in shown.items()}
        walk.problems += [f"{self.route} changed the other tenant's {table}" for table in self._changed_tables()]
        return walk

    def _askers(self, method: str, chosen: tuple[str, ...], browsers: Mapping[str, Client], walk: Walk) -> list[str]:
        """Who asks in this method: only the first where that one hears that the view does not know it."""
        many = [who for who in chosen if who not in USUAL_ONLY] or list(chosen)
        first = "owner" if "owner" in chosen else many[0]
        status, _to = self._ask(method, first, browsers[first], walk)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            return []
        return list(chosen) if method in EVERYBODY else many

    def _ask(self, method: str, who: str, client: Client, walk: Walk) -> tuple[int, str]:
        """One request, undone afterwards when it may have written; what the answer says in status and direction."""
        where = f"{method} {self.route} as {who}"
        if method in SAFE:
            answer = self._send(method, client)
        else:
            with _undone(client):
                written = self.watch.written()
                answer = self._send(method, client)
                if self.watch.written() != written:
                    walk.problems.append(f"{where} wrote to the other tenant")
        walk.asked += 1
        if _is_refusal(answer):
            walk.refused.add((method, who))
        walk.problems += [f"{where} shows {canary}" for canary in self.watch.leaks_in(answer)]
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            walk.problems.append(f"{where}: {answer.status_code} {getattr(answer, 'exc_info', ('', ''))[1]}")
        return answer.status_code, _place(answer.get("Location", ""))

    def _send(self, method: str, client: Client):
        path = self.route.address(filled(self.case.path, self.values))
        more = {"query_params": filled(self.case.query, self.values), "headers": filled(self.case.headers, self.values)}
        if method in {"GET", "HEAD"}:
            return client.generic(method, path, **more)
        body = filled(self.case.body, self.values)
        if self.case.as_json or method != "POST":
            return getattr(client, method.lower())(path, body, content_type="application/json", **more)
        return client.post(path, body, **more)

    def _changed_tables(self) -> list[str]:
        after = self.watch.checksum()
        return sorted(table for table in self.before | after if self.before.get(table) != after.get(table))


def _place(location: str) -> str:
    """Where an answer leads, without what differs from one new booking to the next: the query, its id, its link's token.

    Of the query remains whether it leads on from there, as a door does.
    """
    path, _, query = location.partition("?")
    return re.sub(r"^(/b|/api/v1/bookings)/[^/]+", r"\1/…", path) + ("?next" if "next=" in query else "")


def _is_refusal(answer) -> bool:
    """Whether the next page will say that something went wrong."""
    told = getattr(getattr(answer, "wsgi_request", None), "_messages", None)
    return any(message.level >= messages.ERROR for message in getattr(told, "_queued_messages", ()))


def _more_than_a_guest(where: str, shown: dict[str, tuple[int, str]]) -> list[str]:
    """Strangers whose answer is neither a guest's nor a refusal. Who asked first (429) is not who asked what."""
    guest = shown.get("guest")
    if guest is None or guest[0] == HTTPStatus.TOO_MANY_REQUESTS:
        return []
    fair = {guest, (HTTPStatus.UNAUTHORIZED, ""), (HTTPStatus.TOO_MANY_REQUESTS, "")}
    return [f"{where}: {who} got {shown[who]}, a guest {guest}" for who in STRANGERS if who in shown and shown[who] not in fair]


@contextmanager
def _undone(client: Client) -> Generator[None]:
    """What the block does to the database and to the browser's cookies is gone after it."""
    cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
    with platform_scope(reason="matrix"):
        point = transaction.savepoint_create()
    yield
    with platform_scope(reason="matrix"):
        transaction.savepoint_rollback(point)
    client.cookies = cookies


def filled(template: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """`template` with every "@name" replaced, at any depth."""
    return {key: _filled(value, values) for key, value in template.items()}


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    match value:
        case str():
            return values[value[1:]] if value.startswith("@") else value
        case Mapping():
            return filled(value, values)
        case _:
            return value
