"""The states of a tenant and of its domains."""

from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

# Of an organization's id as people, addresses and programs see it (`kernel.ids`).
TENANT_PREFIX: Final = "org"


class Place(NamedTuple):
    """What an organization's prices are in, and by which clock (IANA) its days begin."""

    currency: str
    time_zone: str


class TenantStatus(models.TextChoices):
    """Where an organization stands in its life. Only an active one is served."""

    PROVISIONING = "provisioning", _("Being set up")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    MAINTENANCE = "maintenance", _("Maintenance")
    CLOSING = "closing", _("Closing")
    ERASED = "erased", _("Erased")


# Their addresses are answered for no more.
ENDED: Final = (TenantStatus.CLOSING, TenantStatus.ERASED)

# Taken out of service by somebody's word, which is meant for its sandbox, too. Maintenance is not: it is one schema's.
WITHDRAWN: Final = (TenantStatus.SUSPENDED, *ENDED)


def served_status(status: str, *, status_of_source: str | None) -> str:
    """How an organization is to be treated: as it stands; a sandbox in service, as its source where that one is withdrawn."""
    if status == TenantStatus.ACTIVE and status_of_source in WITHDRAWN:
        return status_of_source
    return status


class PaymentsMode(models.TextChoices):
    """Whether payments move money. What pays asks `TenantContext.payments_mode`, and nothing else."""

    LIVE = "live", _("Live")
    TEST = "test", _("Test")


class DomainState(models.TextChoices):
    """How a host of the registry stands: there is a row for each that is answered for, and for no other."""

    VERIFIED = "verified", _("Answered for, no certificate seen")
    LIVE = "live", _("Live")
