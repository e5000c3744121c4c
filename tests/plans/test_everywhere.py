"""Every entitlement of the registry has its place: in a page that says what it would do, in the API, and where two ask at once.

A new one without a line here fails: somebody has to say where it is asked for, and show it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from shared_apps.plans.errors import LimitReached, NotInPlan
from shared_apps.plans.selectors import locked_features
from shared_apps.plans.types import ENTITLEMENTS, Entitlement, Limit, Switch
from shared_apps.rest.problems import problem_of
from tenant_apps.backoffice.selectors.plan import SWITCHES
from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tests.factories.plans import make_plan

TESTS = Path(__file__).parents[1]
EVERYTHING = {code: True if isinstance(one, Switch) else 1_000_000_000 for code, one in ENTITLEMENTS.items()}


@dataclass(frozen=True)
class Places:
    """Which test shows it: of a page, of a program's answer, of a race. What begins with "none" says why there is none."""

    page: str
    api: str
    race: str

    @property
    def tests(self) -> list[str]:
        return [one for one in (self.page, self.api, self.race) if not one.startswith("none: ")]


_SWITCH = "none: a switch is on or off for all who ask"
_NO_SOURCE = "none: nothing of it is made yet"
_PEOPLES_PAGES = "none: programs cannot do this; it is done on people's pages"

PLACES: Mapping[str, Places] = {
    "max_providers": Places(
        "backoffice/test_profile.py::test_what_the_plan_has_no_room_for_is_saved_and_not_published",
        _PEOPLES_PAGES,
        "members/test_seats.py::test_racers_get_the_seats_there_are",
    ),
    "max_services": Places(
        "backoffice/test_services.py::test_what_the_plan_has_no_room_for_is_saved_and_nothing_is_said_to_be_missing",
        _PEOPLES_PAGES,
        "catalog/test_races.py::test_the_plans_last_place_on_sale_is_given_once",
    ),
    "bookings_per_month": Places(
        "backoffice/test_plan.py::test_what_is_used_up_and_what_has_no_limit_says_so",
        "bookings/test_plan_limit.py::test_the_limit_is_told_before_a_time_is_kept_and_in_the_customers_words",
        "bookings/test_plan_limit.py::test_racers_do_not_get_past_the_limit",
    ),
    "storage_megabytes": Places(
        "backoffice/test_profile.py::test_a_picture_that_the_plan_has_no_room_for_is_refused_beside_its_field_and_loses_nothing_typed",
        _PEOPLES_PAGES,
        "providers/test_races.py::test_the_plans_last_bytes_are_given_once",
    ),
    "mails_per_month": Places(
        "backoffice/test_plan_use.py::test_the_bars_come_alone_and_fetch_themselves_anew",
        "none: a letter has nobody who waits for an answer; it is noted as refused",
        "metering/test_caps.py::test_of_many_who_ask_at_once_no_more_get_in_than_there_is_room_for",
    ),
    "api_calls_per_month": Places(
        "backoffice/test_plan_use.py::test_the_bars_come_alone_and_fetch_themselves_anew",
        "api/test_access.py::test_calls_beyond_the_plans_month_are_402_and_those_let_in_are_counted",
        "metering/test_caps.py::test_of_many_who_ask_at_once_no_more_get_in_than_there_is_room_for",
    ),
    "ai_tokens_per_month": Places(_NO_SOURCE, _NO_SOURCE, _NO_SOURCE),
    "api_requests_per_minute": Places(
        "backoffice/test_plan.py::test_larger_plans_say_in_words_what_they_have_more",
        "none: a rate is 429 with when to come back, since waiting helps",
        "none: it protects, and sells nothing: a window may let one too many through",
    ),
    "max_domains": Places(
        "domains/test_claiming.py::test_a_plan_may_have_room_for_a_few_domains_only",
        "domains/test_claiming.py::test_a_plan_may_have_room_for_a_few_domains_only",
        "domains/test_races.py::test_the_plans_last_domain_is_given_once",
    ),
    "custom_domain": Places(
        "backoffice/test_plan.py::test_a_page_of_a_locked_feature_is_no_dead_end",
        "api/test_domains.py::test_a_plan_without_domains_is_402_with_the_entitlement",
        _SWITCH,
    ),
    "remove_branding": Places(
        "themes/test_templates.py::test_branding_of_the_platform_goes_with_the_entitlement",
        "none: it is how pages look",
        _SWITCH,
    ),
    "api_access": Places(
        "backoffice/test_plan.py::test_a_page_of_a_locked_feature_is_no_dead_end",
        "api/test_access.py::test_a_good_key_of_a_plan_without_the_api_is_402_and_names_the_entitlement",
        _SWITCH,
    ),
    "sso": Places(
        "backoffice/test_plan.py::test_what_the_plan_lacks_is_shown_with_what_it_does_its_price_and_a_way_on",
        _NO_SOURCE,
        _SWITCH,
    ),
}
REFERENCES = sorted({one for places in PLACES.values() for one in places.tests})
ALL = pytest.mark.parametrize("entitlement", ENTITLEMENTS.values(), ids=list(ENTITLEMENTS))


def placeless(registry: Mapping[str, Entitlement]) -> set[str]:
    """What of a registry nobody has said the places of."""
    return set(registry) - set(PLACES)


@pytest.fixture
def tenant(catalogue, alpha) -> TenantContext:
    """On a plan that has next to nothing, beside one that has everything."""
    make_plan("palace", entitlements=EVERYTHING)
    nothing = {code: False if isinstance(one, Switch) else 1 for code, one in ENTITLEMENTS.items()}
    return replace(alpha, plan="stall", entitlements=nothing)


def test_every_entitlement_has_its_places_and_no_place_is_of_none():
    assert placeless(ENTITLEMENTS) == set()
    assert set(PLACES) <= set(ENTITLEMENTS)


@pytest.mark.control
def test_a_new_entitlement_without_its_places_is_found():
    assert placeless({**ENTITLEMENTS, "teleport": Switch("teleport", "Teleport")}) == {"teleport"}


@pytest.mark.parametrize("reference", REFERENCES)
def test_what_shows_a_place_is_a_test_that_there_is(reference):
    file, _, name = reference.partition("::")

    tree = ast.parse((TESTS / file).read_text())

    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@ALL
def test_a_program_that_is_refused_reads_402_with_what_it_lacks_and_the_plan_that_has_it(tenant, entitlement):
    error = LimitReached(entitlement, 1) if isinstance(entitlement, Limit) else NotInPlan(entitlement)

    with tenant_scope(tenant):
        document = problem_of(error).as_json()

    assert (document["status"], document["entitlement"]) == (402, entitlement.code)
    assert document["plan"]["prices"]


@ALL
def test_what_is_locked_says_what_it_would_do_and_what_it_costs(tenant, entitlement):
    with tenant_scope(tenant):
        (feature,) = locked_features(tenant, [entitlement])

    assert str(entitlement.does)
    assert (bool(feature.plan_name), feature.price is not None) == (True, True)


def test_the_page_of_the_plan_shows_every_switch_that_is_locked():
    assert [one.code for one in SWITCHES] == [code for code, one in ENTITLEMENTS.items() if isinstance(one, Switch)]
