"""Lives of subscriptions with trouble in every fifth act: nothing is charged twice, lost, or left unexplained."""

from __future__ import annotations

import os
from dataclasses import astuple

import pytest

from tests.billing.lives.conftest import AT_ONCE
from tests.billing.lives.told import Told

pytestmark = [pytest.mark.django_db, pytest.mark.proves("billing.lives")]

# Ten thousand lives when people ask (PROVE_MINUTES=10), a hundred in CI.
BATCHES = max(2, round(1000 * float(os.environ.get("PROVE_MINUTES", "0")) / AT_ONCE))


@pytest.mark.timeout(7200)
def test_nothing_is_charged_twice_lost_or_left_unexplained(lives, count):
    told = sum((lives(seed) for seed in range(int(os.environ.get('A','0')), int(os.environ.get('B', BATCHES)))), start=Told())

    print(told)
    count(attempts=told.lives, failures=len(told.broken))
    assert not told.broken, "\n\n".join(told.broken[:10])
    assert told.charges > 0
    assert told.orders > 0


def test_a_seed_lives_the_same_lives_again(lives):
    assert astuple(lives(1, size=6)) == astuple(lives(1, size=6))
