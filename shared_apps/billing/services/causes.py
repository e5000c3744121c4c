"""Why a subscription comes to where Stripe says that it is: a person's command that is under way, else Stripe itself."""

from __future__ import annotations

from typing import Final

from integrations.stripe.gateway.subscription import Subscription as AtStripe
from shared_apps.billing.models import BillingCommand, Subscription
from shared_apps.billing.types import Cause, CauseKind, CommandKind, CommandState, State

_LEADS_TO: Final = {
    CommandKind.CANCEL_NOW: State.CANCELLED,
    CommandKind.PAUSE: State.PAUSED,
    CommandKind.RESUME: State.ACTIVE,
    CommandKind.GIVE_TIME: State.TRIALING,
}
_PEOPLE: Final = (CauseKind.OPERATOR, CauseKind.OWNER)


def cause_of_move(ours: Subscription, theirs: AtStripe, to: State) -> Cause:
    """Of a move to `to` (one query).

    A command is open until what came of it is written, and one at a time changes a subscription: so it does not matter
    whether the one who asked or the webhook is the first to tell.
    """
    kinds = [kind for kind, state in _LEADS_TO.items() if state is to]
    rows = BillingCommand.objects.filter(tenant_id=ours.tenant_id, state=CommandState.OPEN, kind__in=kinds, cause__in=_PEOPLE)
    command = rows.filter(first_sent_at__isnull=False, parameters__stripe_id=theirs.id).order_by("-pk").first()
    if command is None:
        return Cause(CauseKind.STRIPE, theirs.id, theirs.cancellation_reason)
    return Cause(CauseKind(command.cause), command.ordered_by, str(command.parameters.get("reason", "")))
