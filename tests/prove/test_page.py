"""The report's page: what a person reads, safe to pass on."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from prove.page import Proof, page_of
from prove.reading import Figures, RedTest

NOW = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
HOLDS = Figures(attempts=1200, controls=3, controls_caught=3, seconds=90.0, is_green=True)
BROKEN = Figures(attempts=5, failures=1, controls=2, controls_caught=1, seconds=30.0)


def proof(name: str, figures: Figures, *red: RedTest) -> Proof:
    return Proof(name, f"What {name} says.", figures, red, 4000)


def page(*proofs: Proof) -> str:
    return page_of(proofs, now=NOW, commit="abc1234", minutes=10)


def test_the_page_begins_with_the_verdict_and_says_when_and_of_what():
    written = page(proof("races.names", HOLDS), proof("races.plans", HOLDS))

    assert '<h1 class="passed">All 2 suites hold</h1>' in written
    assert "Proved on 21 November 2026 at 09:05 UTC, at commit abc1234, with PROVE_MINUTES=10." in written
    assert "What went wrong" not in written


def test_each_suite_has_its_sentence_and_its_counts():
    (row,) = re.findall(r'<tr><th scope="row".*', page(proof("races.names", HOLDS)))

    assert "What races.names says." in row
    assert re.findall(r'class="count">([^<]+)', row) == ["1,200", "0", "3/3", "90.0", "4,000"]


def test_what_does_not_hold_is_counted_first_and_told_with_its_reason():
    written = page(proof("races.names", HOLDS), proof("races.plans", BROKEN, RedTest("tests.a::it", "assert <1> == 2")))

    assert '<h1 class="failed">1 of 2 suites do not hold</h1>' in written
    assert "tests.a::it" in written
    assert "assert &lt;1&gt; == 2" in written
    assert "prove/out/races.plans.log" in written
    assert written.index("What went wrong") < written.index("<h2>Suites</h2>")


@pytest.mark.parametrize("foreign", ["<script", "src=", "href=", "url(", "@import", "://"])
def test_it_fetches_nothing_and_runs_nothing(foreign):
    assert foreign not in page(proof("races.names", HOLDS), proof("races.plans", BROKEN, RedTest("tests.a::it", "no")))
