"""Refusals and the framework's own errors as problem documents, answered by DRF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import singledispatch
from typing import Any

from rest_framework.response import Response

from kernel.errors import DomainError, PlanLimit
from shared_apps.plans.selectors import entitlement_of, smallest_plan_with
from shared_apps.plans.types import Offer
from webui.problems import CONTENT_TYPE, FieldError, Problem


def problem_response(problem: Problem) -> Response:
    """The problem as an answer."""
    return Response(problem.as_json(), status=problem.status, headers=dict(problem.headers), content_type=CONTENT_TYPE)


def problem_of(error: DomainError) -> Problem:
    """An expected refusal as a problem."""
    errors = [FieldError(error.field, error.message)] if error.field else []
    headers: dict[str, str] = {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    return Problem(error.http_status, error.code, error.message, errors, members_of(error), headers)


@singledispatch
def members_of(error: DomainError) -> dict[str, object]:
    """What a kind of refusal adds to its document; apps register theirs."""
    del error
    return {}


@members_of.register
def _(error: PlanLimit) -> dict[str, object]:
    """What is lacking, and the smallest plan on offer that has it: null where none has."""
    entitlement = entitlement_of(error.entitlement)
    offer = None if entitlement is None else smallest_plan_with(entitlement, more_than=getattr(error, "limit", None))
    plan = None if offer is None else {"code": offer.plan.code, "name": offer.plan.name, "prices": _prices(offer)}
    return {"entitlement": error.entitlement, "plan": plan}


def _prices(offer: Offer) -> list[dict[str, object]]:
    return [
        {"amount_minor": amount, "currency": currency, "interval": interval.value}
        for (currency, interval), amount in sorted(offer.contents.prices.items())
    ]


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
