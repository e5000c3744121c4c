"""Goes over the clusters that answer: one that is away holds up nobody on another, and whoever reads is told its name."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Final

from django.db import OperationalError
from django.utils.translation import gettext as _

from kernel import wiring
from kernel.breaker import Breaker
from kernel.errors import Unavailable

logger = logging.getLogger(__name__)

# So long a cluster that did not answer is left alone, by each process.
_AWAY_SECONDS: Final = 10.0
# Of PostgreSQL: a connection's failures; it shuts down, crashed, starts, has no connection left.
_NO_CONNECTION: Final = "08"
_SENT_AWAY: Final = frozenset({"57P01", "57P02", "57P03", "53300"})
_breakers: Final[dict[str, Breaker]] = defaultdict(lambda: Breaker(_AWAY_SECONDS))


class ClusterAway(Unavailable):
    """A cluster does not answer, and what was asked for may be there."""

    code = "cluster_away"


def on_reachable[T](alias: str, act: Callable[[], T]) -> T | None:
    """What `act` gives back on this cluster; None while it is away. Where there is no other one, that is the caller's error."""
    return next(iter(_on_reachable(alias, act)), None)


def in_each_reachable[T](act: Callable[[], T]) -> list[T]:
    """What `act` gave back on each cluster that answers, in their order; `away_clusters` names the others."""
    return [found for alias in wiring.clusters() for found in _on_reachable(alias, act)]


def away_clusters() -> tuple[str, ...]:
    """The clusters that this process leaves alone, since they have not answered it just now. Asks nobody."""
    return tuple(alias for alias in wiring.clusters() if _breakers[alias].is_pausing)


def refuse_if_away() -> None:
    """Quiet when every cluster has answered; for whoever did not find something, or could not do it everywhere.

    Raises:
        ClusterAway: names those that have not.
    """
    if away := away_clusters():
        words = _("Not every cluster answers (%(names)s). What lies there was left as it is: try again when it is back.")
        raise ClusterAway(words % {"names": ", ".join(away)})


def _is_away(error: OperationalError) -> bool:
    """Whether the server was not reached, or sends everybody away: what one statement met there (a lock) is no reason."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(_NO_CONNECTION) or state in _SENT_AWAY


def _on_reachable[T](alias: str, act: Callable[[], T]) -> list[T]:
    """One result, or none while the cluster is away."""
    if len(wiring.clusters()) == 1:
        with wiring.on_cluster(alias):
            return [act()]
    if not _breakers[alias].may_try():
        return []
    try:
        with wiring.on_cluster(alias):
            found = act()
    except OperationalError as error:
        if not _is_away(error):
            raise
        _breakers[alias].note_failure()
        logger.exception("cluster left alone, it is away", extra={"cluster": alias})
        return []
    _breakers[alias].note_success()
    return [found]
