"""Problem documents (RFC 9457): the one form in which an API says no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, JsonResponse

CONTENT_TYPE: Final = "application/problem+json; charset=utf-8"
_API: Final = "/api/"
_REFERENCE: Final = "/api/v1/docs"
# RFC 9110's names; Python's own still has the older ones in some versions.
_TITLES: Final = {413: "Content Too Large", 422: "Unprocessable Content"}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; its name is the path in what was sent: `customer.email`."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """`detail` is for people, `code` for programs; `members` are what this kind of problem tells beyond that.

    `reference_host` is where the reference can be read, when it is not the host that answers.
    """

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    reference_host: str = ""

    def as_json(self) -> dict[str, object]:
        """The document; `type` leads to the problem's entry in the reference."""
        return {
            "type": f"{self.reference_host}{_REFERENCE}#problem-{self.code}",
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


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, on either host."""
    return request.path.startswith(_API)


def problem_document(problem: Problem) -> JsonResponse:
    """The problem as an answer, where no view of the API comes to answer by itself."""
    return JsonResponse(problem.as_json(), status=problem.status, headers=dict(problem.headers), content_type=CONTENT_TYPE)
