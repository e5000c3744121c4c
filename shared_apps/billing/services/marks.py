"""What our own objects at Stripe carry, so that each can be told from which command it came and whose it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from integrations.stripe import StripeGateway
from shared_apps.billing.models import BillingAccount, BillingCommand

MARK: Final = "stoa_command"
"""Under this name an object at Stripe says which command it came from."""

OWNER: Final = "tenant_id"
"""And under this whose it is: the inbox reads that off what comes late, when its organization is erased."""

REASON: Final = "stoa_reason"
REFERENCE: Final = "stoa_reference"
PAID_ON: Final = "stoa_paid_on"
"""What operators wrote about an invoice, and how they say it was paid."""

type Outcome = dict[str, Any]  # Any: JSON
type Asker = Callable[[StripeGateway, BillingAccount, BillingCommand], Outcome]
type Looker = Callable[[StripeGateway, BillingAccount, BillingCommand], bool]
type Finder = Callable[[StripeGateway, BillingAccount, BillingCommand], Outcome | None]
