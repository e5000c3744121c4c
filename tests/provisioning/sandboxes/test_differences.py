"""What was done in a sandbox is told from what the marketplace did since."""

from __future__ import annotations

import pytest

from provisioning.sandboxes.promoting.differences import (
    PARTS,
    Change,
    FieldChange,
    chosen,
    differences,
    seal_of,
    still_standing,
)

A, B = "a", "b"


def state(services=None, settings=None):
    return {"settings": {"": settings or {}}, "theme": {"": {}}, "category": {}, "service": services or {}}


def test_what_is_equal_on_both_sides_is_no_difference():
    same = state({A: {"title": "Clean", "price_minor": 100}}, {"name": "Acme"})

    assert differences(base=same, source=same, sandbox=same) == []


def test_a_changed_value_is_told_with_the_old_and_the_new_one():
    base = state({A: {"title": "Clean", "price_minor": 100}})
    sandbox = state({A: {"title": "Clean", "price_minor": 120}})

    assert differences(base=base, source=base, sandbox=sandbox) == [
        Change("service", A, "changed", (FieldChange("price_minor", 100, 120),))
    ]


def test_what_only_the_marketplace_changed_stays_as_it_is():
    base = state({A: {"price_minor": 100}}, {"name": "Acme"})
    source = state({A: {"price_minor": 90}, B: {"price_minor": 5}}, {"name": "Acme & Co"})

    assert differences(base=base, source=source, sandbox=base) == []


def test_what_both_changed_is_pointed_out():
    base, source, sandbox = (state({A: {"price_minor": price}}) for price in (100, 90, 120))

    (change,) = differences(base=base, source=source, sandbox=sandbox)

    assert change.fields == (FieldChange("price_minor", 90, 120, is_contested=True),)


def test_what_the_marketplace_changed_and_the_sandbox_removed_is_pointed_out():
    base, source = (state({A: {"title": "Clean", "price_minor": price}}) for price in (100, 90))

    (change,) = differences(base=base, source=source, sandbox=state())

    assert change == Change(
        "service", A, "removed", (FieldChange("price_minor", 90, None, is_contested=True), FieldChange("title", "Clean", None))
    )


def test_what_both_changed_alike_is_no_difference():
    base, changed = state({A: {"price_minor": 100}}), state({A: {"price_minor": 120}})

    assert differences(base=base, source=changed, sandbox=changed) == []


def test_new_and_removed_things_have_all_their_values():
    base = state({A: {"title": "Clean"}})
    sandbox = state({B: {"title": "Wash"}})

    assert differences(base=base, source=base, sandbox=sandbox) == [
        Change("service", B, "added", (FieldChange("title", None, "Wash"),)),
        Change("service", A, "removed", (FieldChange("title", "Clean", None),)),
    ]


def test_what_the_marketplace_removed_does_not_come_back():
    base = state({A: {"title": "Clean"}})
    sandbox = state({A: {"title": "Clean well"}})

    assert differences(base=base, source=state(), sandbox=sandbox) == []


def test_what_is_gone_on_both_sides_is_no_difference():
    assert differences(base=state({A: {"title": "Clean"}}), source=state(), sandbox=state()) == []


def test_only_the_chosen_parts_are_left():
    base = state({A: {"title": "Clean"}}, {"name": "Acme"})
    changes = differences(base=base, source=base, sandbox=state({A: {"title": "Wash"}}, {"name": "Other"}))

    assert [change.kind for change in chosen(changes, ["catalog"])] == ["service"]
    assert chosen(changes, ["nonsense"]) == []
    assert {change.part for change in changes} == {"settings", "catalog"} < set(PARTS)


def test_the_seal_is_that_of_these_changes_and_survives_being_stored():
    changes = [Change("service", A, "changed", (FieldChange("price_minor", 100, 120),))]
    stored = [Change.from_json(change.as_json()) for change in changes]
    # As JSON gives tuples back.
    listed = [Change.from_json({**change.as_json(), "fields": [*change.as_json()["fields"]]}) for change in changes]

    other = [Change("service", A, "changed", (FieldChange("price_minor", 100, 121),))]
    assert seal_of(stored) == seal_of(listed) == seal_of(changes) != seal_of(other)


@pytest.mark.parametrize(
    ("change", "now", "left"),
    [
        (Change("service", A, "changed", (FieldChange("price_minor", 120, 100),)), {"price_minor": 120}, ["price_minor"]),
        (Change("service", A, "changed", (FieldChange("price_minor", 120, 100),)), {"price_minor": 7}, None),
        (Change("service", A, "changed", (FieldChange("price_minor", 120, 100),)), None, None),
        (Change("service", A, "removed", (FieldChange("title", "Wash", None),)), {"title": "Wash"}, ["title"]),
        (Change("service", A, "removed", (FieldChange("title", "Wash", None),)), {"title": "Another"}, None),
        (Change("service", A, "added", (FieldChange("title", None, "Clean"),)), None, ["title"]),
        (Change("service", A, "added", (FieldChange("title", None, "Clean"),)), {"title": "There"}, None),
    ],
)
def test_taking_back_leaves_what_somebody_has_done_since(change, now, left):
    standing = still_standing(change, now)

    assert (None if standing is None else [field.name for field in standing.fields]) == left


def test_turned_round_a_change_is_taken_back():
    change = Change("service", A, "added", (FieldChange("title", None, "Wash"),))

    assert change.reversed() == Change("service", A, "removed", (FieldChange("title", "Wash", None),))
    assert change.reversed().reversed() == change
