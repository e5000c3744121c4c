"""What erasing an organization does with each table in `public`; a test fails for a table that is not here.

What a row is about stands in `owner`, an expression of SQL about the table `t`. Rows of other organizations are theirs: a
name or an address that is in them, too, is nobody's trace. `%(tenant)s` is the erased one; `%(own)s` are its id and those of
sandboxes that it had, `%(slugs)s` the names of them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Fate(Enum):
    """What becomes of a table's rows that are about the organization."""

    GOES = "goes"
    GOES_WITH_PEOPLE = "goes with people who have nothing else here"
    SCRUBBED = "keeps what was done, and when"
    UNTOUCHED = "is about no organization"


@dataclass(frozen=True, slots=True)
class Treatment:
    """`where` chooses the rows, `sets` says what becomes of them; `owner` is empty where rows are about nobody in particular.

    `kept` are the columns in which an id or the released name stays on purpose; `reads` is read instead of a column. In the
    columns of `ours` stand words of this code alone: somebody may have named an organization “Records”.
    """

    fate: Fate
    where: str = ""
    sets: str = ""
    owner: str = ""
    kept: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    reads: Mapping[str, str] = field(default_factory=dict)


_OWN: Final = "tenant_id = ANY(%(own)s::uuid[])"
# Whoever tried for another name, and has no organization of it, is somebody else all the same.
_ASKED_BY: Final = (
    "coalesce({0}.tenant_id, CASE WHEN lower({0}.request ->> 'slug') <> ALL(%(words)s::text[] || ARRAY[''])"
    " THEN '00000000-0000-0000-0000-000000000000'::uuid END)"
)
_OF_RUNS: Final = f"(SELECT {_ASKED_BY.format('run')} FROM provisioning_run run WHERE run.id = t.run_id)"  # noqa: S608  # our own words
_OF_DOMAINS: Final = "(SELECT tenant_id FROM domains_customdomain WHERE id = t.domain_id)"
# Tries for the same name before this one, that were taken back before there was an organization; and for a sandbox of it.
_RUNS: Final = (
    f"({_OWN} OR tenant_id IS NULL AND (request ->> 'source' = %(hex)s"
    " OR state = 'undone' AND request ->> 'slug' = ANY(%(slugs)s::text[])))"
)
_CUSTOMERS: Final = f"(SELECT stripe_customer_id FROM billing_billingaccount WHERE {_OWN} AND stripe_customer_id <> '')"  # noqa: S608  # our own words
# Each answer: its time zone may be its name.
_STRIPPED: Final = "(SELECT jsonb_object_agg(key, ''::text) FROM jsonb_object_keys(request) AS key)"
# The keys are ours. The prefix stays for two days, so that what comes late below it, or a removed sandbox's, goes, too
# (`provisioning.files`); what the proof looks for goes with the proof.
_VALUES: Final = "(SELECT string_agg(value, chr(31)) FROM jsonb_each_text(t.{0}) WHERE key NOT IN ('files', 'sealed'))"


def _goes(where: str = _OWN, owner: str = "t.tenant_id", *, ours: frozenset[str] = frozenset()) -> Treatment:
    return Treatment(Fate.GOES, where, owner=owner, ours=ours)


def _scrubbed(
    sets: str, where: str = _OWN, owner: str = "t.tenant_id", **more: frozenset[str] | Mapping[str, str]
) -> Treatment:
    return Treatment(Fate.SCRUBBED, where, sets, owner, **more)  # type: ignore[arg-type]  # by their names


def _names_one(ids: str, kind: str, columns: str) -> str:
    return f"EXISTS (SELECT FROM unnest(%({ids})s::{kind}[]) AS own WHERE strpos(concat_ws(' ', {columns}), own::text) > 0)"


_WITH_PEOPLE: Final = Treatment(Fate.GOES_WITH_PEOPLE)
_UNTOUCHED: Final = Treatment(Fate.UNTOUCHED)

# What another cluster's `public` says of who lives there (ADR 0015); its other tables are empty.
ON_EACH_CLUSTER: Final = ("outbox_message", "outbox_turn", "tenants_resident")

# In this order: what refers to another goes before it.
ERASING: Final[Mapping[str, Treatment]] = {
    # The platform's own, too, where they tell of it: that it has closed, and whom to write to about that.
    "outbox_message": _goes(
        f"({_OWN} OR tenant_id IS NULL AND {_names_one('own', 'uuid', 'payload, key')})",  # our own
        ours=frozenset({"event_type", "handler", "state"}),
    ),
    "outbox_turn": _goes(),
    "tenants_resident": _goes(),
    "tenants_trafficbucket": _goes(),
    "tenants_slowstatement": _goes(),
    # Its counts have gone to those without a name before (`tenants.traffic.writing.forget_traffic`).
    "tenants_traffictotal": _goes(),
    "provisioning_keptmail": _goes(),
    "provisioning_tenanthealth": _goes(),
    "domains_domainchange": _goes(
        f"domain_id IN (SELECT id FROM domains_customdomain WHERE {_OWN})",  # noqa: S608  # our own words
        _OF_DOMAINS,
    ),
    "domains_customdomain": _goes(),
    "archives_archive": _goes(),
    "isolation_isolationreport": _goes(),
    "metering_countedfact": _goes(),
    "metering_dayusage": _goes(),
    "metering_monthusage": _goes(),
    "metering_caproom": _goes(),
    "metering_usagealert": _goes(),
    "metering_reportedslice": _goes(),
    "billing_transition": _goes(
        f"subscription_id IN (SELECT id FROM billing_subscription WHERE {_OWN})",  # noqa: S608  # our own words
        "(SELECT tenant_id FROM billing_subscription WHERE id = t.subscription_id)",
    ),
    "billing_subscription": _goes(),
    "billing_billingcommand": _goes(),
    "billing_billingreversal": _goes(),
    "billing_billingcreditnote": _goes(),
    "billing_billinginvoice": _goes(),
    # Whose they are was noted when they were applied (`shared_apps.webhook_inbox.services.applying`); the rest by who pays.
    "webhook_inbox_webhookevent": _goes(f"({_OWN} OR customer_id IN {_CUSTOMERS})"),
    "billing_billingaccount": _goes(),
    # What was earned stays earned (ADR 0025): amounts and days, of nobody who could be recognized.
    "business_mrrentry": _scrubbed(
        "",
        kept=frozenset({"tenant_id"}),
        ours=frozenset({"state", "movement", "interval", "currency", "plan_code", "add_ons"}),
    ),
    "plans_tenantaddon": _goes(),
    "plans_planmovetarget": _goes(),
    "entry_entrycode": _goes(
        f"ownership_id IN (SELECT id FROM entry_ownership WHERE {_OWN})",  # noqa: S608  # our own words
        "(SELECT tenant_id FROM entry_ownership WHERE id = t.ownership_id)",
    ),
    "entry_ownership": _goes(),
    "provisioning_pooledschema": _goes(),
    "provisioning_quarantine": _goes(),
    "idempotency_record": _goes(
        _names_one("outside", "text", "response_body, response_headers"), "", ours=frozenset({"principal", "state"})
    ),
    "tenants_domain": _goes(),
    "tenants_reservedname": _goes("slug = %(slug)s", ""),
    "provisioning_step": _scrubbed(
        "error = '', lease_owner = '', result = CASE WHEN state = 'undone'"
        " THEN jsonb_strip_nulls(jsonb_build_object('files', result -> 'files')) ELSE '{}' END",
        f"run_id IN (SELECT id FROM provisioning_run WHERE {_RUNS} AND id <> %(run)s)",  # noqa: S608  # our own words
        _OF_RUNS,
        reads={"result": _VALUES.format("result")},
        ours=frozenset({"name", "state"}),
    ),
    "audit_auditentry": _scrubbed(
        "target = '', reason = '', data = '{}',"
        # A run that an owner ordered is the platform's, with the owner's address.
        " actor_label = CASE WHEN actor_kind = 'operator' OR actor_kind = 'system' AND strpos(actor_label, '@') = 0"
        " THEN actor_label ELSE '' END",
        f"({_OWN} OR tenant_id IS NULL AND action LIKE 'run.%%' AND target = ANY(%(slugs)s::text[]))",
        kept=frozenset({"tenant_id"}),
        ours=frozenset({"action", "actor_kind"}),
    ),
    "provisioning_fleetmove": _scrubbed("error = '', sql = ''", kept=frozenset({"tenant_id"}), ours=frozenset({"state"})),
    "provisioning_run": _scrubbed(
        f"request = {_STRIPPED}, error = '', idempotency_key = public_id::text,"
        # What stopped is over: there is nothing left to go on with, or to take back.
        " state = CASE WHEN state IN ('failed', 'undo_failed') THEN 'undone' ELSE state END,"
        " requested_by = CASE WHEN id = %(run)s THEN requested_by ELSE '' END",
        _RUNS,
        _ASKED_BY.format("t"),
        kept=frozenset({"tenant_id"}),
        ours=frozenset({"kind", "state"}),
        reads={"request": _VALUES.format("request")},
    ),
    "tenants_tenant": _goes("id = %(tenant)s", "t.id"),
    # The tombstone: nobody gets the name for 180 days.
    "tenants_releasedname": Treatment(Fate.SCRUBBED, "", owner="t.tenant_id", kept=frozenset({"name", "tenant_id"})),
    "django_session": _WITH_PEOPLE,
    "mfa_authenticator": _WITH_PEOPLE,
    "account_emailconfirmation": _WITH_PEOPLE,
    "account_emailaddress": _WITH_PEOPLE,
    "accounts_user": _WITH_PEOPLE,
    "operators_operator": _UNTOUCHED,
    "operators_operatorkey": _UNTOUCHED,
    "packages_packageversion": _UNTOUCHED,
    # What was earned stays earned: sums by month, plan and currency, to which what goes is added before it goes. No row says
    # whose it was (`shared_apps.billing.services.keep_former_revenue`).
    "billing_formermonth": _UNTOUCHED,
    "plans_plan": _UNTOUCHED,
    "webhook_inbox_reconcileround": _UNTOUCHED,
    "webhook_inbox_forgottenevents": _UNTOUCHED,
    "plans_planversion": _UNTOUCHED,
    "plans_planprice": _UNTOUCHED,
    "plans_planquota": _UNTOUCHED,
    "plans_overageprice": _UNTOUCHED,
    "plans_planmove": _UNTOUCHED,
    "plans_stripelink": _UNTOUCHED,
    "metering_roundmark": _UNTOUCHED,
    "archives_trustedkey": _UNTOUCHED,
    "provisioning_schematemplate": _UNTOUCHED,
    "provisioning_fleetrun": _UNTOUCHED,
    "provisioning_fleetplan": _UNTOUCHED,
    "django_content_type": _UNTOUCHED,
    "django_migrations": _UNTOUCHED,
    "auth_group": _UNTOUCHED,
    "auth_group_permissions": _UNTOUCHED,
    "auth_permission": _UNTOUCHED,
}
