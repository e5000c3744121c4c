"""What it costs to ask whether the organization's plan includes something, as pages and the API do with each request."""

from __future__ import annotations

from typing import Final

from bench.measure import Result, in_turns, seconds
from shared_apps.plans.services import has, included_in, limit_of, require
from shared_apps.plans.types import API_ACCESS, BOOKINGS_PER_MONTH, MAX_PROVIDERS
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.tenants import ALPHA_ID

_CHECKS: Final = 1000
_ASKED_EACH_TIME: Final = 4
_ROUNDS: Final = 201
_MICRO: Final = 1_000_000


def run() -> list[Result]:
    """`billing.entitlement`: a switch, a requirement, a limit and a quota in turn, against as many look-ups in a dict."""
    tenant = context_for(ALPHA_ID)
    assert tenant is not None
    plain = {API_ACCESS.code: True, MAX_PROVIDERS.code: None, BOOKINGS_PER_MONTH.code: None}
    with tenant_scope(tenant):
        value, baseline = in_turns(lambda: seconds(_ask), lambda: seconds(lambda: _look_up(plain)), n=_ROUNDS, warm_up=10)
    each = _MICRO / (_CHECKS * _ASKED_EACH_TIME)
    note = "one check of a plan's entitlement within a request, no query; baseline: a look-up in a dict"
    return [
        Result("billing.entitlement", value * each, "µs", baseline * each, "lower", _ROUNDS, goal="<= 20 µs", note=note)
    ]  # fmt: skip


def _ask() -> None:
    for _number in range(_CHECKS):
        has(API_ACCESS)
        require(API_ACCESS)
        limit_of(MAX_PROVIDERS)
        included_in(BOOKINGS_PER_MONTH)


def _look_up(values: dict[str, object]) -> None:
    for _number in range(_CHECKS):
        values.get(API_ACCESS.code, False)
        values.get(API_ACCESS.code, False)
        values.get(MAX_PROVIDERS.code, 0)
        values.get(BOOKINGS_PER_MONTH.code, 0)
