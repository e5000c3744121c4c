"""What the platform's refusals add to their problem documents, and which of them the reference names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kernel.errors import DomainError
from provisioning.errors import RunNotFound, RunNotReady
from shared_apps.console.errors import TenantNotFound
from shared_apps.domains.errors import (
    DomainNotFound,
    DomainNotServed,
    HostIsPublicSuffix,
    HostLooksAlike,
    HostMalformed,
    HostNotConfirmed,
    HostReserved,
    HostTaken,
    TooManyDomains,
)
from shared_apps.plans.errors import NotInPlan
from shared_apps.rest.problems import members_of
from tenants.errors import SlugLooksAlike, SlugMalformed, SlugRefused, SlugReleased, SlugReserved, SlugTaken

PROBLEMS: Final[Sequence[type[DomainError]]] = (
    RunNotFound,
    RunNotReady,
    DomainNotFound,
    DomainNotServed,
    HostIsPublicSuffix,
    HostLooksAlike,
    HostMalformed,
    HostNotConfirmed,
    HostReserved,
    HostTaken,
    NotInPlan,
    TooManyDomains,
    SlugLooksAlike,
    SlugMalformed,
    SlugReleased,
    SlugReserved,
    SlugTaken,
    TenantNotFound,
)


@members_of.register
def _refused(error: SlugRefused) -> dict[str, object]:
    return {"suggestions": list(error.suggestions)}
