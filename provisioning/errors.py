"""What goes wrong while bringing an organization to life."""

from __future__ import annotations

from datetime import timedelta

from kernel.errors import Conflict, NotFound


class ProvisioningError(RuntimeError):
    """The machinery itself is at fault; nothing that a person typed."""


class SchemaExists(ProvisioningError):
    """A schema of that name is there already."""


class TemplateNotReplayable(ProvisioningError):
    """The template holds something that the script does not make; `provisioning.schemas.script` must learn it."""


class TenantMissing(ProvisioningError):
    """A step was asked to work on a tenant that is not there."""


class StepNotVerified(ProvisioningError):
    """A step ended without an error and without its effect."""


class LeaseLost(ProvisioningError):
    """The step is somebody else's by now; what was done under the old lease is rolled back."""


class NotYet(ProvisioningError):
    """A step has to wait for others, or has done as much as fits into one lease; no failure, and no attempt is counted."""

    def __init__(self, reason: str, *, wait: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.wait = wait


class DemoFailed(ProvisioningError):
    """The demo was asked for where it must not be, or cannot be made."""


class PlanFailed(ProvisioningError):
    """The migrations of this code cannot be brought over a fleet; no tenant was touched."""


class Drifted(ProvisioningError):
    """A schema is not what its version says it is; replaying would meet the unknown."""


class StatementFailed(ProvisioningError):
    """A statement of a plan failed in one schema; the cause is PostgreSQL's or Django's own error."""

    def __init__(self, message: str, *, sql: str) -> None:
        super().__init__(message)
        self.sql = sql


class RunNotFound(NotFound):
    """There is no such run."""

    code = "run_not_found"


class RunNotReady(Conflict):
    """The run is not in a state in which this can be asked of it."""

    code = "run_not_ready"


class FleetRunNotFound(NotFound):
    """There is no such run over the fleet."""

    code = "fleet_run_not_found"


class FleetNotReady(Conflict):
    """The fleet, or the tenant in it, is not in a state in which this can be asked of it."""

    code = "fleet_not_ready"
