"""What a worker does when the bell of a shard rings: one message after the other, for a moment; then others get their turn."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Iterator
from typing import Final

from kernel import clock, wiring
from kernel.outbox.reach import on_reachable
from kernel.outbox.relay import Outcome, own_name, run
from kernel.outbox.turns import claim_in_turn

# What others wait for a worker that is at it, beside the longest handler (F26); many times what a ring costs.
_AT_A_TIME_SECONDS: Final = 0.1
_dice: Final = random.SystemRandom()


def serve(shard: int, *, seconds: float = _AT_A_TIME_SECONDS) -> list[Outcome]:
    """Handle what waits in `shard`, whoever's turn it is, until nothing may begin or `seconds` are over; then ring again.

    So a bell stands for work, not for one message: too many are harmless, and of a thousand lost ones one is enough. A handler
    that has begun is not interrupted. May run any number of times at once.
    """
    ends = time.monotonic() + seconds
    outcomes: list[Outcome] = []
    for outcome in _in_turns(shard):
        outcomes.append(outcome)
        if time.monotonic() >= ends:
            wiring.ring_doorbell([], shard=shard)
            break
    return outcomes


def _in_turns(shard: int) -> Iterator[Outcome]:
    """One message of each cluster after the other, until none has any; with which one begins is chance."""
    waiting = deque(wiring.clusters())
    waiting.rotate(_dice.randrange(len(waiting)))
    while waiting:
        outcome = _one(waiting[0], shard)
        if outcome is None:
            waiting.popleft()
            continue
        waiting.rotate(-1)
        yield outcome


def _one(cluster: str, shard: int) -> Outcome | None:
    message = on_reachable(cluster, lambda: claim_in_turn(shard, owner=own_name(), now=clock.now()))
    if message is None:
        return None
    with wiring.on_cluster(cluster):
        return run(message)
