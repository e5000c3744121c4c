"""The reference page: an OpenAPI document as headings and tables, drawn on the server.

The usual viewers (Redoc, Swagger UI) write inline styles and markup from strings, which our content security policy and
Trusted Types refuse; and a page of tables can be read without script, printed and searched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kernel.errors import DomainError

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_DEEPEST: Final = 4
_OWN_NAME: Final = re.compile(r"\* `(.+)` - \1")

type Json = Mapping[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field or parameter; `name` is its path, `kind` its type in words."""

    name: str
    kind: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class OperationText:
    """One method of one address."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    scopes: Sequence[str]
    is_open: bool
    takes_link: bool
    parameters: Sequence[FieldLine]
    body: Sequence[FieldLine]
    answer_status: str
    answer: Sequence[FieldLine]


@dataclass(frozen=True, slots=True)
class ProblemText:
    """One kind of problem."""

    code: str
    status: int
    sentence: str


def operations_of(document: Json) -> list[OperationText]:
    """All operations, in the document's order."""
    return [
        _operation(document, path, method, item[method])
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]


def problems_of(kinds: Sequence[type[DomainError]]) -> list[ProblemText]:
    """The kinds of problems that an API names, by status and code, each once."""
    found = {kind.code: _problem(kind) for kind in kinds}
    return sorted(found.values(), key=lambda problem: (problem.status, problem.code))


def _problem(kind: type[DomainError]) -> ProblemText:
    sentence = " ".join((kind.__doc__ or "").split())
    return ProblemText(kind.code, kind.http_status, sentence)


def _operation(document: Json, path: str, method: str, operation: Json) -> OperationText:
    status, answer = _first_answer(operation)
    ways = operation.get("security", [])
    return OperationText(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        scopes=[scope for way in ways for scope in way.get("apiKey", ())],
        is_open={} in ways,
        takes_link=any("bookingToken" in way for way in ways),
        parameters=[_parameter(parameter) for parameter in operation.get("parameters", ())],
        body=list(_fields(document, _schema_in(operation.get("requestBody", {})))),
        answer_status=status,
        answer=list(_fields(document, answer)),
    )


def _first_answer(operation: Json) -> tuple[str, Json]:
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            return status, _schema_in(answer)
    return "", {}


def _schema_in(holder: Json) -> Json:
    schema: Json = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _parameter(parameter: Json) -> FieldLine:
    kind = _kind({}, parameter.get("schema", {}))
    return FieldLine(parameter["name"], kind, parameter.get("required", False), _meaning(parameter.get("description", "")))


def _meaning(description: str) -> str:
    """The description; nothing where it only lists choices under their own names, which stand beside it as the type."""
    return "" if all(_OWN_NAME.fullmatch(line) for line in description.splitlines()) else description


def _fields(document: Json, schema: Json, prefix: str = "", depth: int = 0) -> Iterator[FieldLine]:
    resolved = _resolved(document, schema)
    required = resolved.get("required", ())
    for name, inner in resolved.get("properties", {}).items():
        path = f"{prefix}{name}"
        described = {**_resolved(document, inner), **inner}
        yield FieldLine(path, _kind(document, inner), name in required, _meaning(described.get("description", "")))
        if depth < _DEEPEST:
            is_list = "items" in described
            yield from _fields(document, described.get("items", described), f"{path}{'[]' if is_list else ''}.", depth + 1)


def _resolved(document: Json, schema: Json) -> Json:
    """The schema itself, behind references and single-part compositions."""
    for composition in ("allOf", "oneOf", "anyOf"):
        parts = [part for part in schema.get(composition, ()) if part.get("type") != "null"]
        if parts:
            return _resolved(document, parts[0])
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Json = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found


def _kind(document: Json, schema: Json) -> str:
    resolved = _resolved(document, schema) if document else schema
    if "enum" in resolved:
        return " | ".join(json.dumps(value) for value in resolved["enum"])
    named = resolved.get("type", "object")
    kind = " | ".join(named) if isinstance(named, list) else str(named)
    if "items" in resolved:
        return f"{kind} of {_kind(document, resolved['items'])}"
    return f"{kind} ({resolved['format']})" if "format" in resolved else kind
