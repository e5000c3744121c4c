"""What a worker does when the bell of a shard rings: one message after the other, for a moment; then others get their turn."""

from __future__ import annotations

import time
from typing import Final

from kernel import clock, wiring
from kernel.outbox.relay import Outcome, own_name, run
from kernel.outbox.turns import claim_in_turn

# What others wait for a worker that is at it, beside the longest handler (F26); many times what a ring costs.
_AT_A_TIME_SECONDS: Final = 0.1


def serve(shard: int, *, seconds: float = _AT_A_TIME_SECONDS) -> list[Outcome]:
    """Handle what waits in `shard`, whoever's turn it is, until nothing may begin or `seconds` are over; then ring again.

    So a bell stands for work, not for one message: too many are harmless, and of a thousand lost ones one is enough. A handler
    that has begun is not interrupted. May run any number of times at once.
    """
    ends = time.monotonic() + seconds
    outcomes: list[Outcome] = []
    while message := claim_in_turn(shard, owner=own_name(), now=clock.now()):
        outcomes.append(run(message))
        if time.monotonic() >= ends:
            wiring.ring_doorbell([], shard=shard)
            break
    return outcomes
