"""What is said last of suites that do not hold: where only the end of a run is kept, it must tell the cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from prove.page import Proof
from prove.reading import RedTest

# Enough to see what happened, and with the verdict no more lines than any place keeps of a run.
_TESTS: Final = 5
_LETTERS: Final = 400
_LETTERS_A_LINE: Final = 160


def ending_of(proofs: Sequence[Proof], *, ends_of_logs: Mapping[str, Sequence[str]]) -> str:
    """The verdict, and before it the red tests with the end of each error.

    A suite that is red without one, since it never began, or noted a failure itself, is told by the end of its log.
    """
    failed = [proof for proof in proofs if not proof.figures.holds]
    if not failed:
        return f"\nprove: all {len(proofs)} hold\n"
    told = list(_told(failed, ends_of_logs))
    left = [f"(and {len(told) - _TESTS} more: see prove/out)"] if len(told) > _TESTS else []
    names = ", ".join(proof.name for proof in failed)
    return "\n" + "\n".join([*told[:_TESTS], *left, f"prove: failed: {names}\n"])


def _told(failed: Sequence[Proof], ends_of_logs: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for proof in failed:
        if not proof.red:
            yield _cut([f"{proof.name}:", *ends_of_logs[proof.name]])
        yield from (_cut([f"{proof.name}: {test.name}", *_why(test)]) for test in proof.red)


def _why(test: RedTest) -> list[str]:
    """Its reason stands among the last lines already, unless the error is a long one."""
    is_told = any(test.reason in line for line in test.ending)
    return [*([] if is_told else [test.reason]), *test.ending]


def _cut(lines: Sequence[str]) -> str:
    """The first line whole, and below it as much of the others as is allowed, in one."""
    first, *others = lines
    return f"{first}\n    " + " | ".join(line.strip()[:_LETTERS_A_LINE] for line in others)[:_LETTERS]
