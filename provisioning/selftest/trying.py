"""Makes one attempt in one direction, and first the same act on the own side: else "refused" would mean nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from provisioning.selftest.stage import Side, Stage
from shared_apps.isolation.types import Direction, Result, Trial

_log = logging.getLogger(__name__)
_LONGEST_WHY: Final = 200

type Reaches = Callable[[Side, Side], bool]
"""`reaches(here, there)`: somebody of `here` reaches for what is `there`'s; whether they got it. With `here` as `there`, the
same act on the own side."""


@dataclass(frozen=True, slots=True)
class Act:
    """How an attempt is made. Any other error than a refusal proves nothing: then it could not be tried."""

    reaches: Reaches
    refusals: tuple[type[Exception], ...] = ()


def try_all(acts: Mapping[str, Act], stage: Stage) -> Iterator[Trial]:
    """Every act in both directions."""
    for attempt, act in acts.items():
        yield _tried(attempt, act, "out", stage.own, stage.other)
        yield _tried(attempt, act, "in", stage.other, stage.own)


def _tried(attempt: str, act: Act, direction: Direction, here: Side, there: Side) -> Trial:
    begun = time.monotonic()
    control, why = _outcome(act, there, there)
    result = control
    if control == Result.REACHED:
        result, why = _outcome(act, here, there)
    else:
        why = why or "the same act was refused on the own side"
        result = Result.UNTRIED
    return Trial(
        attempt=attempt,
        direction=direction,
        result=result,
        control=control == Result.REACHED,
        why=why[:_LONGEST_WHY],
        seconds=round(time.monotonic() - begun, 4),
    )


def _outcome(act: Act, here: Side, there: Side) -> tuple[Result, str]:
    """What came of it, and the name of the error if there was one: its words may show something of what was reached for."""
    try:
        with transaction.atomic():
            reached = act.reaches(here, there)
            transaction.set_rollback(True)
    except act.refusals as error:
        return Result.REFUSED, type(error).__name__
    except Exception as error:  # noqa: BLE001  # whatever else goes wrong is what came of it
        _log.warning("isolation attempt failed", exc_info=True)
        return Result.UNTRIED, type(error).__name__
    return (Result.REACHED if reached else Result.REFUSED), ""
