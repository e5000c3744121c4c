"""What time it is where money is charged: the present, and in the demo as much later as its local Stripe was moved forward.

Whatever compares with Stripe's instants asks here; leases, sessions and everything else asks `kernel.clock`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from kernel import clock


def now() -> datetime:
    """That instant, aware, in UTC. Only the demo's settings name a file (`STRIPE_CLOCK_FILE`): nobody else's time moves."""
    kept_in = settings.STRIPE_CLOCK_FILE
    return clock.now() + moved_by(Path(kept_in)) if kept_in else clock.now()


def moved_by(kept_in: Path) -> timedelta:
    """How far the local Stripe says it was moved; not at all before it has said so."""
    try:
        return timedelta(seconds=int(kept_in.read_text()))
    except (FileNotFoundError, ValueError):
        return timedelta()


def tell_moved(seconds: int, *, kept_in: Path) -> None:
    """Let all processes of this machine know, at once and never by half."""
    kept_in.parent.mkdir(parents=True, exist_ok=True)
    draft = kept_in.with_suffix(".draft")
    draft.write_text(str(seconds))
    draft.replace(kept_in)
