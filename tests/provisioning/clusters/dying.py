"""Workers that die, or are told no, at a point of a move."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError

from provisioning.saga.step import SagaStep
from tenants.backend import joint


class Killed(BaseException):
    """As -9: nothing that catches errors learns of it, and PostgreSQL rolls back what was open."""


def raising(error: type[BaseException]) -> Callable[..., None]:
    def instead(*_: object, **__: object) -> None:
        raise error

    return instead


def then(error: type[BaseException], function: Callable[..., object]) -> Callable[..., None]:
    def andthen(*args: object, **kwargs: object) -> None:
        function(*args, **kwargs)
        raise error

    return andthen


def tear(step: type[SagaStep], patch: pytest.MonkeyPatch) -> None:
    """Let what this step does be committed on the other cluster, and the platform's be lost before the note of it is."""
    do, commit = step.do, joint._Member.commit

    def torn(member: joint._Member) -> None:
        commit(member)
        raise OperationalError("The platform's cluster is away.")

    def do_and_tear(self: SagaStep, *args: object) -> object:
        result = do(self, *args)
        patch.setattr(joint._Member, "commit", torn)
        return result

    patch.setattr(step, "do", do_and_tear)
