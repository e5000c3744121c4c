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


class SuspendedBy(models.TextChoices):
    """On whose word an organization is suspended; each takes back its own only. First whose word an operator takes back first.

    Suspended by billing alone, what is booked can still be seen and called off (`tenants.ajar`).
    """

    OPERATOR = "operator", _("Suspended by an operator")
    BILLING = "billing", _("Suspended until it is paid for")


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


class PaymentNotice(models.TextChoices):
    """What an organization's pages have to say about paying for the platform (`payment_notice_until`: until when).

    It is billing that knows; this is what of it each of those pages needs, since a request never reads `public`.
    """

    NONE = "", _("Nothing to say")
    TRIAL = "trial", _("In trial, and nobody has chosen how to pay")
    PAST_DUE = "past_due", _("A payment failed")
    GRACE = "grace", _("Not paid for, in grace")
    SUSPENDED = "suspended", _("Suspended until it is paid for")


class DomainState(models.TextChoices):
    """How a host of the registry stands: there is a row for each that is answered for, and for no other."""

    VERIFIED = "verified", _("Answered for, no certificate seen")
    LIVE = "live", _("Live")
