"""Worker processes that are killed with -9 in the middle of a run. Prepared once, then forked, one per run.

`python -m tests.provisioning.killed_workers` reads lines `run_pk step moment` and `run_pk after milliseconds`. The steps
are wrapped here; the platform's own code knows nothing of it.
"""

from __future__ import annotations

import os
import signal
import sys


def die() -> None:
    """The end of this process, without a chance to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


def _rig(run_pk: int, step_name: str, moment: str) -> None:
    """Let this process die at a moment of one step: before it, inside its transaction, or after its commit."""
    from provisioning import steps
    from provisioning.models import Run
    from provisioning.saga import engine
    from provisioning.types import RunKind
    from tenants.scope import platform_scope

    with platform_scope(reason="test"):
        kind = RunKind(Run.objects.values_list("kind", flat=True).get(pk=run_pk))
    (original,) = [step for step in steps.STEPS[kind] if step.name == step_name]

    class Rigged(original):
        def check(self, work):
            if moment == "before":
                die()
            return super().check(work)

        def do(self, work):
            result = super().do(work)
            if moment == "inside":
                die()
            return result

        def undo(self, work):
            if moment == "before":
                die()
            super().undo(work)
            if moment == "inside":
                die()

    def perform(lease):
        going_on = whole(lease)
        if moment == "after" and lease.name == step_name:
            die()
        return going_on

    whole = engine._perform
    engine._perform = perform
    steps.STEPS[kind] = tuple(Rigged if step is original else step for step in steps.STEPS[kind])


def _work(run_pk: int, step_name: str, moment: str) -> None:
    from provisioning.saga.engine import advance

    if step_name == "after":
        signal.setitimer(signal.ITIMER_REAL, int(moment) / 1000)
        signal.signal(signal.SIGALRM, lambda *_: die())
    else:
        _rig(run_pk, step_name, moment)
    advance(run_pk)


def main() -> None:
    """Fork a worker per line; wait for all of them to be gone; tell how many were killed."""
    import django

    django.setup()
    # Before the forks, not in each of them.
    from provisioning import steps  # noqa: F401
    from provisioning.saga import engine  # noqa: F401

    for line in sys.stdin.read().splitlines():
        run_pk, step_name, moment = line.split()
        if os.fork() == 0:
            _work(int(run_pk), step_name, moment)
            os._exit(0)
    killed = 0
    while True:
        try:
            _pid, status = os.wait()
        except ChildProcessError:
            break
        killed += os.WIFSIGNALED(status)
    sys.stdout.write(f"{killed}\n")


if __name__ == "__main__":
    main()
