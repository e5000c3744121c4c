"""Lives of subscriptions with a fault in every fifth act: nothing is charged twice, lost, or left unexplained."""

from __future__ import annotations

import os
import sys
from dataclasses import astuple

import pytest

from tests.billing.lives.conftest import AT_ONCE
from tests.billing.lives.told import Told

pytestmark = [pytest.mark.django_db, pytest.mark.proves("billing.lives")]

# Ten thousand when people ask (PROVE_MINUTES=10, which is what they ask if they say nothing), a few in CI.
_MINUTES = float(os.environ.get("PROVE_MINUTES", "0"))
LIVES = round(1000 * _MINUTES) if _MINUTES >= 1 else 40
_IN_A_TEST = 1000
_SHARE = 0.2


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(0, LIVES, _IN_A_TEST))
def test_nothing_is_charged_twice_lost_or_left_unexplained(lives, count, capsys, first):
    last = min(first + _IN_A_TEST, LIVES)

    told = sum((lives(begun, size=min(AT_ONCE, last - begun)) for begun in range(first, last, AT_ONCE)), start=Told())

    with capsys.disabled():
        sys.stdout.write(f"\n{told}\n")
    count(attempts=told.lives, failures=len(told.broken))
    assert not told.broken, "\n\n".join(told.broken[:10])
    assert told.taken == told.written
    assert told.lives == last - first
    assert told.share_of_faulted >= _SHARE
    assert told.charges > 0
    assert told.orders > 0


def test_a_seed_lives_the_same_lives_again(lives):
    assert astuple(lives(1, size=3)) == astuple(lives(1, size=3))
