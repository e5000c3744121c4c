"""Workers of a run over the fleet that die with -9 at a moment of their first tenant; the platform's own code knows nothing."""

from __future__ import annotations

from functools import wraps
from importlib import import_module

from provisioning.fleet import engine
from tests.factories.children import die, die_after

# Where the worker dies: the function that is wrapped, and whether before or after its work.
MOMENTS = {
    "claimed": ("provisioning.fleet.engine", "bring_along", "before"),
    "holding": ("provisioning.fleet.moving", "replay", "before"),
    "replayed": ("provisioning.fleet.moving", "replay", "after"),
    "before-python": ("provisioning.fleet.moving", "execute", "before"),
    "after-python": ("provisioning.fleet.moving", "execute", "after"),
    "finished": ("provisioning.fleet.moves", "Move.finish", "after"),
    "committed": ("provisioning.fleet.engine", "bring_along", "after"),
}
# In the middle of those that it has claimed together, and of those that went by one round trip.
_CALLS_BEFORE = 2
_TOGETHER = 2
# The same on the quick way, where the tenants before have shown what their schemas look like.
QUICK_MOMENTS = {
    "not-sent": ("provisioning.fleet.quick", "_text_for", "after"),
    "sent": ("tenants.backend.at_once", "generators.execute", "before"),
    "answered": ("provisioning.fleet.quick", "_roll_back", "before"),
    "done": ("provisioning.fleet.engine", "bring_along", "after"),
}


def work_until(run_pk: int, moment: str) -> None:
    """Work on the fleet, and die at a moment of `MOMENTS` or `QUICK_MOMENTS`, or after so many milliseconds."""
    if moment.isdigit():
        die_after(int(moment))
    else:
        _rig(moment)
    engine._TOGETHER = _TOGETHER
    engine.advance_fleet(run_pk)


def _rig(moment: str) -> None:
    module, name, when = (MOMENTS | QUICK_MOMENTS)[moment]
    *path, name = name.split(".")
    owner = import_module(module)
    for part in path:
        owner = getattr(owner, part)
    whole = getattr(owner, name)

    calls = []

    @wraps(whole)
    def rigged(*args, **kwargs):
        calls.append(name)
        is_spared = moment in QUICK_MOMENTS and len(calls) < _CALLS_BEFORE
        result = whole(*args, **kwargs) if is_spared or when == "after" else None
        if not is_spared:
            die()
        return result

    setattr(owner, name, rigged)
