"""Workers of a run over the fleet that are killed with -9 at a moment of their first tenant. Prepared once, then forked.

`python -m tests.provisioning.fleet.killed_crews RUN_PK` reads one moment per line; the platform's own code knows nothing
of it.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import wraps

from tests.provisioning.killed_workers import die

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


def _rig(moment: str) -> None:
    from importlib import import_module

    module, name, when = MOMENTS[moment]
    *path, name = name.split(".")
    owner = import_module(module)
    for part in path:
        owner = getattr(owner, part)
    whole = getattr(owner, name)

    @wraps(whole)
    def rigged(*args, **kwargs):
        if when == "after":
            whole(*args, **kwargs)
        die()

    setattr(owner, name, rigged)


def _work(run_pk: int, moment: str) -> None:
    from provisioning.fleet.engine import advance_fleet

    if moment.isdigit():
        signal.setitimer(signal.ITIMER_REAL, int(moment) / 1000)
        signal.signal(signal.SIGALRM, lambda *_: die())
    else:
        _rig(moment)
    advance_fleet(run_pk)


def main() -> None:
    """Fork a worker per line, one after the other is gone; tell how many were killed."""
    import django

    django.setup()
    killed = 0
    for moment in sys.stdin.read().split():
        if os.fork() == 0:
            _work(int(sys.argv[1]), moment)
            os._exit(0)
        _pid, status = os.wait()
        killed += os.WIFSIGNALED(status)
    sys.stdout.write(f"{killed}\n")


if __name__ == "__main__":
    main()
