"""Problem documents (RFC 9457): the one form in which an API says no."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from http import HTTPStatus
from typing import Any, Final

from rest_framework.response import Response

from kernel.errors import DomainError, PlanLimit, Throttled

MEDIA_TYPE: Final = "application/problem+json"
_TYPE: Final = "/api/v1/docs#problem-{code}"
# RFC 9110's names; Python's own still has the older ones in some versions.
_TITLES: Final = {413: "Content Too Large", 422: "Unprocessable Content"}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; its name is the path in what was sent: `customer.email`."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """`detail` is for people, `code` for programs; `members` are what this kind of problem tells beyond that."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The document; `type` leads to the problem's entry in the reference on the same host."""
        return {
            "type": _TYPE.format(code=self.code),
            "title": title_of(self.status),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": [{"field": error.field, "message": error.message} for error in self.errors],
            **self.members,
        }


def title_of(status: int) -> str:
    """The name of a status."""
    return _TITLES.get(status) or HTTPStatus(status).phrase


def problem_response(problem: Problem) -> Response:
    """The problem as an answer."""
    return Response(
        problem.as_json(), status=problem.status, headers=dict(problem.headers), content_type=f"{MEDIA_TYPE}; charset=utf-8"
    )


def problem_of(error: DomainError) -> Problem:
    """An expected refusal as a problem."""
    errors = [FieldError(error.field, error.message)] if error.field else []
    headers: dict[str, str] = {}
    if isinstance(error, Throttled) and error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    return Problem(error.http_status, error.code, error.message, errors, members_of(error), headers)


@singledispatch
def members_of(error: DomainError) -> dict[str, object]:
    """What a kind of refusal adds to its document; apps register theirs."""
    del error
    return {}


@members_of.register
def _(error: PlanLimit) -> dict[str, object]:
    return {"entitlement": error.entitlement}


def flattened(detail: Any, path: str = "") -> Iterator[FieldError]:
    """DRF's nested errors as a flat list.

    Args:
        detail: what DRF collected (Any: lists, dicts and texts in each other).
        path: the field that `detail` is about.
    """
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else str(name)
            yield from flattened(inner, ".".join(part for part in (path, step) if part))
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            is_nested = isinstance(inner, Mapping)
            yield from flattened(inner, f"{path}.{index}" if is_nested and path else path)
    else:
        yield FieldError(path, str(detail))
