"""What the library of this version expects is what comes: of the local Stripe by default, of Stripe's test mode with a key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import pytest
import stripe

from integrations.stripe.fake.shapes import CLASSES
from integrations.stripe.version import STRIPE_API_VERSION
from tests.contracts.stripe.scenario import Scenario
from tests.contracts.stripe.types_of_the_library import problems

RECORDED = json.loads(Path(__file__).with_name("read_fields.json").read_text())
NAMES = (
    "balance line",
    "charge",
    "charges",
    "checkout",
    "checkout of a card",
    "checkout, expired",
    "coupon",
    "credit note",
    "customer",
    "customer, with a card",
    "draft",
    "events",
    "invoice",
    "invoice item",
    "invoice lines",
    "invoice payments",
    "invoice payments, of a payment",
    "invoice, by bank",
    "invoice, final",
    "invoice, sent",
    "meter",
    "meter event",
    "metered price",
    "payment intent",
    "payment method",
    "payment methods",
    "portal",
    "preview",
    "price",
    "product",
    "promotion code",
    "refund",
    "refunds",
    "setup intent",
    "subscription",
    "subscription, changed",
    "subscription, ending",
    "subscription, over",
    "tax id",
    "tax rate",
    "test clock",
    "test clock, advanced",
    "units",
    "usage",
)


@pytest.fixture(scope="session")
def said(target) -> dict[str, Mapping[str, Any]]:
    return Scenario(target.client).play()


def objects_in(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(answer["data"]) if answer["object"] == "list" else [answer]


def test_the_version_is_that_of_the_installed_library():
    assert stripe.api_version == STRIPE_API_VERSION


@pytest.mark.parametrize("name", NAMES)
def test_an_object_is_as_the_library_expects(said, target, name):
    found = [problem for each in objects_in(said[name]) for problem in problems(each)]

    # Stripe may send more than its library knows; the local one has no reason to.
    assert [problem for problem in found if not (target.is_real and problem.endswith("unknown to the library"))] == []


def test_the_scenario_is_looked_at_as_a_whole(said):
    assert tuple(sorted(said)) == NAMES
    assert {each["object"] for answer in said.values() for each in objects_in(answer)} >= set(RECORDED)


@pytest.mark.parametrize("kind", sorted(RECORDED))
def test_the_fields_that_the_gateway_reads_are_still_what_they_were(kind):
    """After an upgrade this names what has changed, before anything is read wrongly."""
    annotations = CLASSES[kind].__annotations__

    assert {name: kind_of(annotations[name]) for name in RECORDED[kind]} == RECORDED[kind]


@pytest.mark.parametrize("kind", sorted(RECORDED))
def test_the_fields_that_the_gateway_reads_come(said, kind):
    found = [each for answer in said.values() for each in objects_in(answer) if each["object"] == kind]

    assert found
    for each in found:
        assert set(RECORDED[kind]) - {"payments"} <= set(each)


def test_the_check_sees_what_is_missing_of_another_kind_or_unknown(said):
    """The negative control: an object that was spoilt in each of the three ways is called so."""
    spoilt = {name: value for name, value in said["customer"].items() if name != "email"}
    spoilt |= {"created": "yesterday", "colour": "red"}

    assert [problem.split(" is ")[0] for problem in problems(spoilt)] == [
        "customer.created",
        "customer.email",
        "customer.colour",
    ]


def kind_of(annotation: Any) -> str:
    """A word for an annotation, short enough to be read in a diff."""
    plain = {int: "whole", str: "text", bool: "flag", float: "number"}
    if annotation in plain:
        return plain[annotation]
    choices = [each for each in get_args(annotation) if each is not NoneType]
    word = next((plain[each] for each in choices if each in plain), "")
    optional = " or null" if NoneType in get_args(annotation) else ""
    if word:
        return word + optional
    shape = str(annotation)
    return ("list" if "List[" in shape or "ListObject" in shape else "object") + optional
