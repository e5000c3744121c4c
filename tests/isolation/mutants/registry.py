"""Every mutant, by its name: of scope and database, of what leaves a request, of people and their credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tests.isolation.mutants import carried, people, standing
from tests.isolation.mutants.mutant import Mutant

# Their suite in prove/suites.py.
OF_MUTANTS: Final = "isolation.mutants"
_ALL = (*standing.MUTANTS, *carried.MUTANTS, *people.MUTANTS)
MUTANTS: Mapping[str, Mutant] = {mutant.name: mutant for mutant in _ALL}


def repeated_names() -> Iterator[str]:
    """Names that two mutants have: one of them would never run."""
    names = [mutant.name for mutant in _ALL]
    return (name for name in MUTANTS if names.count(name) > 1)
