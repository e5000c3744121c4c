"""Lives of subscriptions with trouble in every fifth act: nothing is charged twice, lost, or left unexplained."""

from __future__ import annotations

import os
import sys
from dataclasses import astuple

import pytest

from tests.billing.lives.conftest import AT_ONCE
from tests.billing.lives.told import Told

pytestmark = [pytest.mark.django_db, pytest.mark.proves("billing.lives")]

# Ten thousand lives when people ask (PROVE_MINUTES=10), two batches in CI.
BATCHES = max(2, round(1000 * float(os.environ.get("PROVE_MINUTES", "0")) / AT_ONCE))
_IN_A_TEST = 25


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(0, BATCHES, _IN_A_TEST))
def test_nothing_is_charged_twice_lost_or_left_unexplained(lives, count, first):
    seeds = range(first, min(first + _IN_A_TEST, BATCHES))

    told = sum((lives(seed) for seed in seeds), start=Told())

    sys.stdout.write(f"{told}\n")
    count(attempts=told.lives, failures=len(told.broken))
    assert not told.broken, "\n\n".join(told.broken[:10])
    assert told.charges > 0
    assert told.orders > 0


def test_a_seed_lives_the_same_lives_again(lives):
    assert astuple(lives(1, size=6)) == astuple(lives(1, size=6))
