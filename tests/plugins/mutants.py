"""`pytest --prove=isolation.mutants` runs each proof that a mutant names as the code is, and once more with that mutant in it.

The proof is the very test of the ordinary suites, with its own fixtures. With the mutant it must fail.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Generator
from contextvars import copy_context

import pytest
from django.db import connections

from tests.isolation.mutants.mutant import Mutant, mutated
from tests.isolation.mutants.registry import MUTANTS, OF_MUTANTS

_AS_IT_IS = "as-it-is"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each proof its mutants, and one run without any."""
    if metafunc.config.getoption("--prove") != OF_MUTANTS:
        return
    names = [mutant.name for mutant in MUTANTS.values() if mutant.test == metafunc.definition.nodeid]
    if names:
        metafunc.fixturenames.append("mutant")
        metafunc.parametrize("mutant", [_AS_IT_IS, *names], indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is wanted, before all others are deselected. A mutant whose proof is not in its file is an error."""
    if config.getoption("--prove") != OF_MUTANTS:
        return
    found = {name for item in items if (name := _wanted(item))}
    files = {item.nodeid.partition("::")[0] for item in items}
    missing = sorted(name for name in set(MUTANTS) - found if MUTANTS[name].test.partition("::")[0] in files)
    if missing:
        proofs = ", ".join(f"{MUTANTS[name].proof} (of {name})" for name in missing)
        raise pytest.UsageError(f"These proofs of mutants do not exist: {proofs}")


@pytest.fixture
def mutant(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run the proof with its mutant: red is green here."""
    found = MUTANTS.get(_mutant_of(pyfuncitem))
    if found is None:
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    is_caught = catches(found, lambda: pyfuncitem.obj(**arguments))
    # Whatever the proof has counted itself it did with the mutant in.
    pyfuncitem.user_properties[:] = [("controls", 1), ("controls_caught", int(is_caught))]
    assert is_caught, f"{found.name} survives {found.proof}: {found.breaks}"
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """A connection that the mutant has led astray is used by nobody else."""
    yield
    if _mutant_of(item) in MUTANTS:
        connections.close_all()


def catches(mutant: Mutant, proof: Callable[[], object]) -> bool:
    """Whether the proof fails with the mutant in, in the way that shows it; whatever else it raises is an error of its own."""
    with warnings.catch_warnings():
        # What a mutant lets through is often left open: no other test shall hear of that.
        warnings.simplefilter("ignore", ResourceWarning)
        is_caught = _turns_red(mutant, proof)
        gc.collect()
    return is_caught


def _turns_red(mutant: Mutant, proof: Callable[[], object]) -> bool:
    try:
        with mutated(mutant):
            # A scope that is not left stays in here.
            copy_context().run(proof)
    except (AssertionError, pytest.fail.Exception):
        return True
    except Exception as error:
        if type(error).__name__ in mutant.shown_by:
            return True
        raise
    return False


def _wanted(item: pytest.Item) -> str:
    """The mutant that this run of a proof is for; nothing for one as the code is, or with other parameters."""
    name = _mutant_of(item)
    if not name:
        return ""
    proofs = {MUTANTS[name].proof} if name in MUTANTS else {mutant.proof for mutant in MUTANTS.values()}
    test = item.nodeid.partition("[")[0]
    others = "-".join(part for part in item.callspec._idlist if part != name)
    if (f"{test}[{others}]" if others else test) not in proofs:
        return ""
    item.add_marker(pytest.mark.proves(OF_MUTANTS))
    return name


def _mutant_of(item: pytest.Item) -> str:
    """What its parameter says; "" for a test that is no proof here."""
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("mutant", "")) if callspec else ""
