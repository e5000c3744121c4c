"""Looks for traces of an organization in every place where something of it could be left, and counts; tells not what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection

from provisioning.erasing.contents import ERASING, Fate, Treatment
from provisioning.erasing.people import count_sessions
from provisioning.erasing.traces import Traces, exactly, word_exactly
from provisioning.files import all_below
from provisioning.saga.step import Keep
from tenants.clusters import DEFAULT, clusters
from tenants.in_redis import find_in_redis
from tenants.scope import cluster_scope, platform_scope
from tenants.storage_by_prefix import storage_by_prefix

_BLOCK: Final = 5000
_COLUMNS: Final = """
    SELECT a.attname, coalesce(e.oid, a.atttypid)::regtype::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_type e ON e.typarray = a.atttypid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped"""
_READ_AS_TEXT: Final = ("text", "character", "json", "extensions.citext", "uuid", "bytea", "inet")
_TABLES: Final = """
    SELECT relname, pg_table_size(oid) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm') ORDER BY 1"""
# A table is looked through in one go: a slow disk and a busy processor do as much in a second.
_BYTES_A_SECOND: Final = 4 * 1024 * 1024
_LINES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Looked:
    """One place: how much was looked at, in how much of it something was found, and how much is kept on purpose."""

    place: str
    looked_at: int
    found: int
    kept: int = 0


def look_everywhere(traces: Traces, *, tenant_id: UUID, prefix: str, schemas: Iterable[str], tell: Keep) -> list[Looked]:
    """Each place, in a fixed order. `tell` is called now and then, before what takes long with how long."""
    return [
        *look_into_tables(traces, tenant_id=tenant_id, tell=tell),
        _look_into_sessions(traces, tell),
        *look_into_catalog(schemas),
        *look_into_files(traces, (prefix, *traces.sandboxes.prefixes)),
        look_into_redis(traces, tell),
        *look_into_logs(traces, tell),
    ]


def look_into_tables(traces: Traces, *, tenant_id: UUID, tell: Keep) -> Iterator[Looked]:
    """Every text, JSON and id column of every table that there is on any cluster, known to this code or not."""
    for alias in clusters():
        with cluster_scope(reason="proof of erasing", database=alias):
            for table, (size, columns) in _tables().items():
                tell(seconds=size // _BYTES_A_SECOND)
                # A table that nobody has heard of is nobody's: whatever is in it gives away.
                treatment = ERASING.get(table, Treatment(Fate.GOES))
                looked = _look_into_table(table, columns, treatment, traces, tenant_id)
                yield replace(looked, place=_on(alias, looked.place))


def _tables() -> dict[str, tuple[int, list[str]]]:
    """The tables of the cluster in scope, each with its size in bytes and the columns that are read."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for table, size in cursor.fetchall():
            cursor.execute(_COLUMNS, [table])
            found[table] = size, [name for name, kind in cursor.fetchall() if kind.startswith(_READ_AS_TEXT)]
    return found


def _on(alias: str, place: str) -> str:
    return place if alias == DEFAULT else f"{place} on {alias}"


def _look_into_table(table: str, columns: list[str], treatment: Treatment, traces: Traces, tenant_id: UUID) -> Looked:
    texts = {column: treatment.reads.get(column, f't."{column}"::text') for column in columns}
    # Whoever went from the platform may be known to another organization by right: the owner's column tells.
    certain = traces.ids if treatment.owner else (*traces.ids, *traces.people)
    seen, found, kept = _count_ids(table, texts, treatment.kept, certain)
    is_about_some = treatment.fate in {Fate.GOES, Fate.SCRUBBED}
    free = [text for column, text in texts.items() if column not in treatment.kept | treatment.ours]
    if is_about_some and free:
        found += _count_words(table, free, treatment.owner, traces, tenant_id)
    return Looked(f"table {table}", seen, found, kept)


def _count_ids(table: str, texts: dict[str, str], kept: frozenset[str], certain: Iterable[str]) -> tuple[int, int, int]:
    """Rows that there are; rows with something that only this organization has; and of such where they are meant to be."""
    free = [text for column, text in texts.items() if column not in kept]
    meant = [text for column, text in texts.items() if column in kept]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {_has(free)}), count(*) FILTER (WHERE {_has(meant)})"  # noqa: S608  # our own words
            f' FROM public."{table}" t',
            {"about": [_containing(one) for one in certain], "exactly": "|".join(map(exactly, certain))},
        )
        seen, found, here = cursor.fetchone()
    return seen, found, here


def _count_words(table: str, texts: list[str], owner: str, traces: Traces, tenant_id: UUID) -> int:
    """Rows of nobody else with its name, a word of it, or the address of somebody whom it knew."""
    equal = " OR ".join(f"lower({text}) = ANY(%(words)s)" for text in texts)
    not_anothers = f"({owner} IS NULL OR {owner} = ANY(%(own)s::uuid[]))" if owner else "true"
    row = _joined(texts)
    has_word = f"({equal} OR {row} ILIKE ANY(%(whole)s) OR {_has(texts)})"
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT {has_word}, {row} FROM public."{table}" t'  # noqa: S608  # our own words
            f" WHERE {not_anothers} AND ({has_word} OR strpos({row}, '@') > 0)",
            {
                "words": list(traces.words),
                "whole": [_containing(f'"{word}"') for word in traces.words],
                "about": [_containing(part) for part in traces.parts],
                "exactly": "|".join(map(word_exactly, traces.parts)),
                "own": [tenant_id, *traces.sandboxes.tenant_ids],
            },
        )
        found = 0
        while rows := cursor.fetchmany(_BLOCK):
            found += sum(bool(has_word) or traces.names_somebody(text) for has_word, text in rows)
    return found


def _joined(texts: list[str]) -> str:
    return f"concat_ws(chr(31), {', '.join(texts)})" if texts else "''"


def _has(texts: list[str]) -> str:
    """Whether one of what is sought is there: found quickly, and then looked at more closely."""
    return f"({_joined(texts)} ILIKE ANY(%(about)s) AND {_joined(texts)} ~* %(exactly)s)"


def _containing(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _look_into_sessions(traces: Traces, tell: Callable[[], None]) -> Looked:
    return Looked("sessions of the platform", *count_sessions(traces.has_id, tell=tell))


def look_into_catalog(schemas: Iterable[str]) -> Iterator[Looked]:
    """Its schemas and their roles, on every cluster."""
    names = list(schemas)
    questions = {"schemas": "SELECT nspname FROM pg_namespace", "roles": "SELECT rolname FROM pg_roles"}
    for alias in clusters():
        with cluster_scope(reason="proof of erasing", database=alias), connection.cursor() as cursor:
            for place, question in questions.items():
                cursor.execute(question)
                there = [name for (name,) in cursor.fetchall()]
                yield Looked(_on(alias, place), len(there), sum(any(name in one for name in names) for one in there))


def look_into_files(traces: Traces, prefixes: Iterable[str]) -> Iterator[Looked]:
    """Everything below these prefixes, earlier versions included, and the names of what the platform keeps itself."""
    storage = storage_by_prefix()
    below = sum(1 for prefix in prefixes for _name in all_below(storage, prefix))
    yield Looked("files below its prefix", below, below)
    with platform_scope(reason="proof of erasing"):
        names = list(all_below(storages["default"]))
    yield Looked("files of the platform", len(names), sum(traces.has_id(name) for name in names))


def look_into_redis(traces: Traces, tell: Callable[[], None]) -> Looked:
    """Keys and what they hold: cache, counters, queued tasks, groups of sockets."""

    def contains(value: bytes) -> bool:
        text = value.decode("utf-8", "replace")
        return traces.has_id(text) or ("@" in text and traces.names_somebody(text))

    return Looked("Redis", *find_in_redis(contains, tell=tell))


def look_into_logs(traces: Traces, tell: Callable[[], None]) -> Iterator[Looked]:
    """The files that this installation writes its log to, if it does; its id may stand there, people may not."""
    for handler in settings.LOGGING.get("handlers", {}).values():
        path = Path(str(handler.get("filename") or ""))
        if handler.get("filename") and path.exists():
            with path.open(encoding="utf-8", errors="replace") as lines:
                yield _look_into_log(path, lines, traces, tell)


def _look_into_log(path: Path, lines: Iterable[str], traces: Traces, tell: Callable[[], None]) -> Looked:
    seen = found = 0
    for line in lines:
        if seen % _LINES == 0:
            tell()
        seen += 1
        found += traces.names_it(line) or traces.names_somebody(line)
    return Looked(f"log {path.name}", seen, found)
