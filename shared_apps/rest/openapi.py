"""The description of an API in OpenAPI 3.1, made of the views themselves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from shared_apps.rest.permissions import access_for
from shared_apps.rest.repeating import HEADER
from shared_apps.rest.types import LINK_HEADER

PREFIX: Final = "api/v1/"
_KEY: Final = "apiKey"
_LINK: Final = "bookingToken"

type Json = dict[str, Any]  # Any: JSON

_PROBLEM: Final[Json] = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `detail` is in the marketplace's language. Some kinds have further members.",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_REPEATABLE: Final[Json] = {
    "in": "header",
    "name": HEADER,
    "schema": {"type": "string", "maxLength": 200},
    "description": "Your own random key (a UUID) for this one write. Sent again with the same body, the first answer "
    "comes again, marked `Idempotency-Replayed: true`; kept for a day.",
}
_SCHEMES: Final[Json] = {
    _KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer stoa_…`. A key is good on its host only.",
    },
    _LINK: {
        "type": "apiKey",
        "in": "header",
        "name": LINK_HEADER,
        "description": "The token of one booking: `manage_token` of its making, or the last part of its manage link.",
    },
}
_PROBLEM_ANSWER: Final[Json] = {
    "description": "Anything that went wrong, as a problem document.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class ApiSchema(AutoSchema):
    """Says what the views' `access` says."""

    def get_auth(self) -> list[Json]:
        """The security of one operation; an empty entry means that nothing is needed."""
        access = access_for(getattr(self.view, "access", {}), self.method)
        assert access is not None  # a view without a row for a method of its own would answer nobody
        ways: list[Json] = [{_KEY: [access.scope] if access.scope else []}]
        if access.takes_link:
            ways.append({_LINK: []})
        return [*ways, {}] if access.is_open else ways


@cache
def describe(urlconf: str, title: str) -> Json:
    """The whole document for the views of `urlconf`, without the address of its server; made once in a process."""
    generator = SchemaGenerator(patterns=[path(PREFIX, include(urlconf))])  # type: ignore[no-untyped-call]  # untyped library
    document: Json = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # as above
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["securitySchemes"] = _SCHEMES
    for operations in document["paths"].values():
        for method, operation in operations.items():
            operation["responses"]["default"] = _PROBLEM_ANSWER
            if method == "post":
                operation.setdefault("parameters", []).append(_REPEATABLE)
    document["info"]["title"] = title
    return document


def described_at(base_url: str, document: Mapping[str, Any]) -> Json:  # Any: JSON
    """The document as the host at `base_url` gives it out."""
    return {**document, "servers": [{"url": base_url}]}
