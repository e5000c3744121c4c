"""The end of a run that does not hold tells why, in a few lines."""

from __future__ import annotations

from prove.ending import ending_of
from prove.page import Proof
from prove.reading import Figures, RedTest

HOLDS = Figures(attempts=3, controls=1, controls_caught=1, is_green=True)
BROKEN = Figures(attempts=3, failures=1, controls=1, controls_caught=1)
RED = RedTest("tests.a::it", "AssertionError: 1 is not 2", ("E   AssertionError: 1 is not 2", "tests/a.py:3: AssertionError"))


def ending(*proofs: Proof, log: tuple[str, ...] = ()) -> str:
    return ending_of(proofs, ends_of_logs={proof.name: log for proof in proofs})


def proof(name: str, figures: Figures, *red: RedTest) -> Proof:
    return Proof(name, "What it says.", figures, red, 0)


def test_what_holds_is_said_in_one_line():
    assert ending(proof("races.names", HOLDS), proof("races.plans", HOLDS)) == "\nprove: all 2 hold\n"


def test_a_red_test_is_told_with_the_end_of_its_error_and_the_verdict_is_last():
    told = ending(proof("races.names", HOLDS), proof("races.plans", BROKEN, RED)).splitlines()

    assert told == [
        "",
        "races.plans: tests.a::it",
        "    E   AssertionError: 1 is not 2 | tests/a.py:3: AssertionError",
        "prove: failed: races.plans",
    ]


def test_the_reason_of_a_long_error_is_told_though_it_stands_above_the_last_lines():
    told = ending(proof("races.plans", BROKEN, RedTest("tests.a::it", "AssertionError: too wide", ("where", "tests/a.py:3"))))

    assert "    AssertionError: too wide | where | tests/a.py:3\n" in told


def test_a_suite_that_never_began_is_told_by_the_end_of_its_log():
    told = ending(proof("races.plans", Figures()), log=("ERROR: no such option", "usage: pytest"))

    assert "races.plans:\n    ERROR: no such option | usage: pytest\n" in told


def test_many_red_tests_with_long_errors_fit_on_a_screen():
    long = RedTest("tests.a::it", "x" * 9000, ("y" * 9000,) * 6)

    told = ending(proof("races.names", BROKEN, *[long] * 80), proof("races.plans", BROKEN, *[long] * 80)).splitlines()

    assert len(told) < 20
    assert max(len(line) for line in told) < 410
    assert told[-2:] == ["(and 155 more: see prove/out)", "prove: failed: races.names, races.plans"]
