"""Workers that die with -9 at a moment of a run. The steps are wrapped here; the platform's own code knows nothing of it."""

from __future__ import annotations

from django.conf import settings

from provisioning import steps
from provisioning.models import Run
from provisioning.saga import engine
from provisioning.types import RunKind
from tenants.backend import joint
from tenants.scope import platform_scope
from tests.factories.children import die, die_after

# However busy the machine is, a step ends by its fate and not by the end of its lease.
_LONG_LEASE_SECONDS = 300


def work_until(run_pk: int, fate: str) -> None:
    """Carry a run on, and die as `fate` says: "<step> before", "<step> inside", "<step> after" or "after <milliseconds>".

    Of a step that writes on two clusters also "<step> torn": the first has committed, and the second has not.
    """
    name, moment = fate.split()
    if name == "after":
        die_after(int(moment))
    else:
        settings.PROVISIONING_LEASE_SECONDS = _LONG_LEASE_SECONDS
        _rig(run_pk, name, moment)
    engine.advance(run_pk)


def _rig(run_pk: int, step_name: str, moment: str) -> None:
    """Let this process die at a moment of one step: before it, inside its transaction, in its commit, or after that."""
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
            _IN_DO.get(moment, _live_on)()
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


def _live_on() -> None:
    """Nothing is to happen here."""


def _tear_commit() -> None:
    """Let this process die when the first of two clusters has committed."""
    whole = joint._Member.commit

    def commit_and_die(member):
        whole(member)
        die()

    joint._Member.commit = commit_and_die


_IN_DO = {"inside": die, "torn": _tear_commit}
