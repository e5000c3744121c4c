"""What acts on the platform are called by people; the trail itself keeps their codes, which never change."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SUSPENDED: Final = "tenant.suspended"
RESUMED: Final = "tenant.resumed"
# In the facts of a suspension: what the operator lets the owners know. The reason stays among operators.
WORDS_FOR_OWNERS: Final = "words_for_owners"

ACTS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "archive.fetched": _("Archive fetched"),
        "archive.ordered": _("Archive ordered"),
        "archive_key.distrusted": _("Archive key no longer trusted"),
        "archive_key.trusted": _("Archive key trusted"),
        "billing.change_planned": _("Change of the plan ordered for later"),
        "billing.change_withdrawn": _("Ordered change of the plan taken back"),
        "billing.began": _("Subscription began"),
        "billing.cancelled": _("Subscription ended by an operator"),
        "billing.details_changed": _("Billing details changed"),
        "billing.end_ordered": _("Subscription cancelled for its end"),
        "billing.end_withdrawn": _("Cancellation taken back"),
        "billing.invoice_credited": _("Invoice credited"),
        "billing.invoice_paid": _("Invoice marked as paid"),
        "billing.invoice_voided": _("Invoice voided"),
        "billing.invoice_written": _("Invoice written"),
        "billing.credit_given": _("Credit given"),
        "billing.months_given": _("Free months given"),
        "billing.moved": _("Subscription changed its state"),
        "billing.paused": _("Subscription paused by an operator"),
        "billing.plan_changed": _("Plan changed"),
        "billing.resumed": _("Subscription resumed by an operator"),
        "domain.claimed": _("Domain claimed"),
        "domain.failing": _("Domain began to fail"),
        "domain.issuing": _("Certificate asked for"),
        "domain.live": _("Domain went live"),
        "domain.primary": _("Primary domain changed"),
        "domain.released": _("Domain removed"),
        "domain.verified": _("Domain proven"),
        "fleet.paused": _("Fleet run paused"),
        "fleet.quarantined": _("Put into quarantine"),
        "fleet.released": _("Released from quarantine"),
        "fleet.resumed": _("Fleet run resumed"),
        "fleet.retried": _("Migration tried again"),
        "fleet.started": _("Fleet run started"),
        "isolation.broken": _("Isolation test got through"),
        "isolation.ordered": _("Isolation test ordered"),
        "marketplace.entered": _("Marketplace entered"),
        "operator.appointed": _("Operator appointed"),
        "operator.dismissed": _("Operator dismissed"),
        "operator.key_created": _("API key made"),
        "operator.key_revoked": _("API key revoked"),
        "outbox.cancelled": _("Message cancelled"),
        "outbox.cancelled_all": _("All messages cancelled"),
        "outbox.replayed": _("Message replayed"),
        "outbox.replayed_all": _("All messages replayed"),
        "plan.add_on_set": _("Add-on given or taken"),
        "plan.created": _("Plan made"),
        "plan.described": _("Plan called otherwise"),
        "plan.draft_begun": _("Draft of a plan begun"),
        "plan.draft_discarded": _("Draft of a plan discarded"),
        "plan.move_ordered": _("Move to a version of a plan ordered"),
        "plan.moved": _("Moved to a version of its plan"),
        "plan.offered": _("Plan put on offer"),
        "plan.published": _("Version of a plan published"),
        "plan.retired": _("Plan retired"),
        "records.put_back": _("Single records taken back again"),
        "records.taken": _("Single records brought back"),
        "run.created": _("Run started"),
        "run.retried": _("Run tried again"),
        "run.undone": _("Run undone"),
        "sandbox.ordered": _("Sandbox asked for"),
        "sandbox.promoted": _("Changes of the sandbox brought over"),
        "sandbox.promotion_ordered": _("Changes of the sandbox asked to be brought over"),
        "sandbox.promotion_undone": _("Changes of the sandbox taken back"),
        "sandbox.removed": _("Sandbox removed"),
        "snapshot.kept": _("Snapshot of a recovered moment kept"),
        "snapshot.ordered": _("Snapshot ordered"),
        "snapshot.swapped": _("Snapshot put in place"),
        "tenant.closed": _("Organization closed"),
        "tenant.erased": _("Organization erased"),
        "tenant.erasure_ordered": _("Erasing ordered"),
        "tenant.move_ordered": _("Move to another cluster ordered"),
        "tenant.reopened": _("Organization opened again"),
        RESUMED: _("Organization resumed"),
        SUSPENDED: _("Organization suspended"),
        "theme.installed": _("Theme package installed"),
        "theme.removed": _("Theme package removed"),
        "webhook.replayed": _("Webhook replayed"),
        "webhook.replayed_all": _("All webhooks replayed"),
        "webhook.set_aside": _("Webhook set aside"),
    }
)


def act_name(action: str) -> str:
    """The act of this code in words; the code as words where another version wrote it."""
    return str(ACTS.get(action) or action.replace(".", " ").replace("_", " ").capitalize())
