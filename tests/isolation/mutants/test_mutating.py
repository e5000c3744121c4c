"""What a mutant does to the code and leaves of it, and what is refused as one."""

from __future__ import annotations

import pytest

from tenants.scope import platform_scope
from tenants.signing import _salt
from tests.isolation.mutants.mutant import Edit, Mutant, NothingToMutate, function_at, mutated
from tests.isolation.mutants.registry import MUTANTS, OF_MUTANTS, repeated_names
from tests.plugins.mutants import catches

pytestmark = pytest.mark.proves("isolation.mutants")
_EDIT = Edit("tenants.signing:_salt", ":{purpose}", "")


def mutant(*edits: Edit, shown_by: tuple[str, ...] = ()) -> Mutant:
    return Mutant("a-mutant", "It breaks something.", edits, "tests/test_it.py::test_it", shown_by)


def salt() -> str:
    with platform_scope(reason="test"):
        return _salt("links")


def test_there_are_thirty_of_another_name_and_of_another_guard_each():
    guards = {mutant.edits for mutant in MUTANTS.values()}

    assert len(MUTANTS) >= 30
    assert len(guards) == len(MUTANTS)
    assert list(repeated_names()) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_leaves_every_guard_as_it_was(name):
    functions = [function_at(edit.where) for edit in MUTANTS[name].edits]
    before = [function.__code__ for function in functions]

    with mutated(MUTANTS[name]):
        within = [function.__code__ for function in functions]

    assert [function.__code__ for function in functions] == before
    assert all(now is not then for now, then in zip(within, before, strict=True))


def test_whoever_has_imported_the_function_runs_the_mutant_for_the_length_of_the_block():
    with mutated(mutant(_EDIT)):
        within = salt()

    assert (within, salt()) == ("platform", "platform:links")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit("tenants.signing:_pepper", "x", "y"), "is gone"),
        (Edit("tenants.seals:sign", "x", "y"), "is gone"),
        (Edit("tenants.signing:settings", "x", "y"), "is no function"),
        (Edit("tenants.signing:_salt", "what was there before", "x"), "has 0 times"),
        (Edit("tenants.signing:_salt", "e", "x"), "instead of once"),
        (Edit("tenants.sessions:SessionStore.load", "super().load()", "{}"), "closes over"),
    ],
)
def test_a_mutant_that_changes_nothing_is_an_error(edit, said):
    with pytest.raises(NothingToMutate, match=said), mutated(mutant(edit)):
        pass


def red() -> None:
    assert salt() == "platform:links"


def test_a_proof_that_turns_red_has_caught_the_mutant():
    assert catches(mutant(_EDIT), red)


@pytest.mark.control
def test_a_proof_that_stays_green_has_not():
    """Negative control: a mutant that survives is told."""
    assert not catches(mutant(_EDIT), salt)


def test_a_proof_that_breaks_for_another_reason_has_not_either():
    def broken() -> None:
        raise KeyError("links")

    with pytest.raises(KeyError):
        catches(mutant(_EDIT), broken)
    assert catches(mutant(_EDIT, shown_by=("KeyError",)), broken)


def test_the_suite_of_the_mutants_is_this_one():
    assert {mark.args for mark in [pytestmark.mark]} == {(OF_MUTANTS,)}
