"""Versions: a draft may change, what is published never does, by the database's own word; newcomers get the current one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from kernel import clock
from kernel.actor import Actor
from kernel.errors import PermissionDenied
from shared_apps.audit.models import AuditEntry
from shared_apps.plans import services
from shared_apps.plans.errors import (
    CodeTaken,
    DraftChanged,
    EntitlementInvalid,
    LastPlan,
    NoDraft,
    NotPriced,
    PlanNotFound,
    PlanNotPublished,
    PriceInvalid,
)
from shared_apps.plans.models import OveragePrice, Plan, PlanPrice, PlanQuota, PlanVersion, TenantAddOn
from shared_apps.plans.selectors import contents_of, current_terms, offers, version_contents, versions_of
from shared_apps.plans.types import Beyond, Interval, PlanKind, QuotaTerms, VersionContents
from tenants.models import Tenant
from tests.factories.plans import OPERATOR, draft_with, make_plan, next_version
from tests.factories.tenants import ALPHA_ID

MONTH, YEAR = Interval.MONTH, Interval.YEAR
SOLD = QuotaTerms(beyond=Beyond.SOLD, stops_at=500, per_units=100, prices={"EUR": 200})

pytestmark = pytest.mark.usefixtures("catalogue")


def _refused(act) -> bool:
    try:
        with transaction.atomic():
            act()
    except IntegrityError:
        return True
    return False


def test_a_draft_begins_without_what_another_version_of_the_code_knew():
    """What was published says it for ever; who works on the next version is not refused for that."""
    plan = make_plan("palace", entitlements={"max_providers": 5})
    later = PlanVersion.objects.create(
        plan=plan, number=2, entitlements={"max_providers": 7, "telepathy": True}, published_at=clock.now()
    )
    Plan.objects.filter(pk=plan.pk).update(current=later)

    draft = services.begin_draft(actor=OPERATOR, plan_code="palace")

    assert (draft.number, contents_of(draft).entitlements) == (3, {"max_providers": 7})


@pytest.mark.parametrize("where", ["prices", "quotas"])
def test_a_price_that_no_card_could_be_charged_is_refused(where):
    large = 100_000_000
    contents = {"prices": {("EUR", MONTH): large}} if where == "prices" else {"quotas": _sold(EUR=large)}

    with pytest.raises(PriceInvalid, match="eight digits"):
        draft_with("studio", entitlements={"bookings_per_month": 5}, **contents)

    draft_with("studio", prices={("EUR", MONTH): large - 1})


def _sold(**prices: int) -> dict[str, QuotaTerms]:
    return {"bookings_per_month": replace(SOLD, prices=prices)}


def test_a_version_gives_back_all_that_was_put_into_it():
    values = {"bookings_per_month": 150, "custom_domain": True, "max_services": None}
    sold = replace(SOLD, prices={"EUR": 200, "JPY": 300})
    make_plan(
        "palace", entitlements=values, prices={("EUR", MONTH): 990, ("JPY", YEAR): 9000}, quotas={"bookings_per_month": sold}
    )

    said = version_contents("palace", 1)

    assert said is not None
    assert said.entitlements == values
    assert said.prices == {("EUR", MONTH): 990, ("JPY", YEAR): 9000}
    assert said.quotas == {"bookings_per_month": sold}


PUBLISHED = {
    "the version": lambda version: PlanVersion.objects.filter(pk=version.pk).update(trial_days=99),
    "its values": lambda version: PlanVersion.objects.filter(pk=version.pk).update(entitlements={}),
    "that it is published": lambda version: PlanVersion.objects.filter(pk=version.pk).update(published_at=None),
    "its being there": lambda version: PlanVersion.objects.filter(pk=version.pk)._raw_delete("default"),
    "a price": lambda version: PlanPrice.objects.filter(version=version).update(amount_minor=1),
    "a price less": lambda version: PlanPrice.objects.filter(version=version).delete(),
    "a price more": lambda version: PlanPrice.objects.create(version=version, currency="CHF", interval=MONTH, amount_minor=1),
    "a quota": lambda version: PlanQuota.objects.filter(version=version).update(stops_at=None),
    "a quota more": lambda version: PlanQuota.objects.create(version=version, code="mails_per_month", beyond="tolerated"),
    "an overage price": lambda version: OveragePrice.objects.filter(quota__version=version).update(amount_minor=1),
    "an overage price less": lambda version: OveragePrice.objects.filter(quota__version=version)._raw_delete("default"),
}


@pytest.mark.parametrize("act", PUBLISHED.values(), ids=PUBLISHED)
def test_the_database_changes_nothing_of_a_published_version(act):
    make_plan("palace", entitlements={"bookings_per_month": 150}, quotas={"bookings_per_month": SOLD})
    before = version_contents("palace", 1)

    assert _refused(lambda: act(PlanVersion.objects.get(plan__code="palace")))
    assert version_contents("palace", 1) == before


@pytest.mark.parametrize("act", [PUBLISHED["a price"], PUBLISHED["a quota more"], PUBLISHED["an overage price"]])
def test_a_draft_may_be_changed_in_the_same_ways(act):
    """Negative control of the one above."""
    make_plan("palace")
    draft = draft_with("palace", entitlements={"bookings_per_month": 150}, quotas={"bookings_per_month": SOLD})

    assert not _refused(lambda: act(draft))


def test_a_draft_does_not_become_a_part_of_a_published_version():
    make_plan("palace")
    draft = draft_with("palace")
    published = PlanVersion.objects.get(plan__code="palace", number=1)

    assert _refused(lambda: PlanPrice.objects.filter(version=draft).update(version=published))


@pytest.mark.parametrize("values", [{"sso": "yes"}, {"max_providers": -1}, {"max_providers": 1.5}, [], {"sso": {}}])
def test_the_database_takes_switches_whole_numbers_and_null_only(values):
    make_plan("palace")
    draft = draft_with("palace")

    assert _refused(lambda: PlanVersion.objects.filter(pk=draft.pk).update(entitlements=values))


def test_what_is_current_is_a_published_version_of_the_plan_itself():
    make_plan("palace")
    draft, other = draft_with("palace"), PlanVersion.objects.get(plan__code="studio")

    assert _refused(lambda: Plan.objects.filter(code="palace").update(current=draft))
    assert _refused(lambda: Plan.objects.filter(code="palace").update(current=other))


def test_there_is_one_draft_of_a_plan_however_often_it_is_begun():
    make_plan("palace")

    first = services.begin_draft(actor=OPERATOR, plan_code="palace")
    again = services.begin_draft(actor=OPERATOR, plan_code="palace")

    assert (first.number, again.pk) == (2, first.pk)
    assert _refused(lambda: PlanVersion.objects.create(plan=first.plan, number=3))


def test_a_draft_begins_as_the_version_before_without_its_note():
    make_plan("palace", entitlements={"bookings_per_month": 150}, quotas={"bookings_per_month": SOLD})

    draft = services.begin_draft(actor=OPERATOR, plan_code="palace")

    assert contents_of(draft) == version_contents("palace", 1)


def test_a_draft_that_somebody_else_has_saved_is_not_overwritten():
    make_plan("palace")
    draft = draft_with("palace")

    with pytest.raises(DraftChanged):
        services.save_draft(actor=OPERATOR, plan_code="palace", contents=contents_of(draft), revision=draft.revision - 1)
    with pytest.raises(DraftChanged):
        services.publish_draft(actor=OPERATOR, plan_code="palace", revision=draft.revision - 1)

    assert PlanVersion.objects.get(pk=draft.pk).published_at is None


def test_publishing_is_for_newcomers_and_moves_nobody(subscribers):
    before = Tenant.objects.get(pk=ALPHA_ID)

    next_version("studio", entitlements={"max_providers": 1})

    after = Tenant.objects.get(pk=ALPHA_ID)
    assert (after.plan_version, after.entitlements) == (1, before.entitlements)
    terms = current_terms("studio")
    assert (terms["plan_version"], terms["entitlements"]["max_providers"]) == (2, 1)


def test_the_code_before_versions_reads_the_current_one_in_the_plans_own_columns():
    next_version(
        "studio", entitlements={"max_providers": 7, "max_domains": 2}, prices={("USD", YEAR): 500, ("EUR", MONTH): 700}
    )

    plan = Plan.objects.get(code="studio")
    assert (plan.price_minor, plan.currency, plan.trial_days) == (700, "EUR", 14)
    # It refuses names that it does not know.
    assert plan.entitlements == {"max_providers": 7}


def test_a_discarded_draft_is_gone_and_its_number_free():
    make_plan("palace")
    draft_with("palace", quotas={"mails_per_month": SOLD}, entitlements={"mails_per_month": 10})

    services.discard_draft(actor=OPERATOR, plan_code="palace")
    services.discard_draft(actor=OPERATOR, plan_code="palace")

    assert [version.number for version in versions_of(Plan.objects.get(code="palace"))] == [1]
    with pytest.raises(NoDraft):
        services.publish_draft(actor=OPERATOR, plan_code="palace", revision=1)


WRONG = {
    "an unknown name": (VersionContents(entitlements={"wings": True}), EntitlementInvalid),
    "a value of another type": (VersionContents(entitlements={"sso": 1}), EntitlementInvalid),
    "an unknown currency": (VersionContents(entitlements={}, prices={("XYZ", MONTH): 1}), PriceInvalid),
    "a third decimal that Stripe does not charge": (
        VersionContents(entitlements={}, prices={("KWD", MONTH): 12_341}),
        PriceInvalid,
    ),
    "such a one beyond a quota": (
        VersionContents(
            entitlements={"bookings_per_month": 1},
            quotas={"bookings_per_month": QuotaTerms(beyond=Beyond.SOLD, per_units=1, prices={"KWD": 7})},
        ),
        PriceInvalid,
    ),
    "a limit sold beyond": (
        VersionContents(entitlements={"max_services": 1}, quotas={"max_services": SOLD}),
        EntitlementInvalid,
    ),
    "beyond no limit": (
        VersionContents(entitlements={"bookings_per_month": None}, quotas={"bookings_per_month": SOLD}),
        EntitlementInvalid,
    ),
    "an end below what is included": (
        VersionContents(entitlements={"bookings_per_month": 500}, quotas={"bookings_per_month": SOLD}),
        EntitlementInvalid,
    ),
    "a price for no number": (
        VersionContents(entitlements={"bookings_per_month": 1}, quotas={"bookings_per_month": QuotaTerms(beyond=Beyond.SOLD)}),
        PriceInvalid,
    ),
}


@pytest.mark.parametrize(("contents", "error"), WRONG.values(), ids=WRONG)
def test_a_draft_cannot_say(contents, error):
    make_plan("palace")
    draft = draft_with("palace")

    with pytest.raises(error):
        services.save_draft(actor=OPERATOR, plan_code="palace", contents=contents, revision=draft.revision)

    assert PlanVersion.objects.get(pk=draft.pk).revision == draft.revision


@pytest.mark.parametrize("prices", [{}, {("EUR", MONTH): 5, ("GBP", MONTH): 4}])
def test_what_nobody_could_pay_for_is_not_published(prices):
    make_plan("palace")
    draft = draft_with("palace", entitlements={"bookings_per_month": 1}, prices=prices, quotas={"bookings_per_month": SOLD})

    with pytest.raises(NotPriced):
        services.publish_draft(actor=OPERATOR, plan_code="palace", revision=draft.revision)

    assert Plan.objects.get(code="palace").current.number == 1


def test_a_plan_that_was_never_published_is_on_no_offer_and_no_organizations():
    services.create_plan(actor=OPERATOR, kind=PlanKind.PLAN, code="palace", name="Palace")

    with pytest.raises(PlanNotPublished):
        services.offer_plan(actor=OPERATOR, plan_code="palace")
    with pytest.raises(PlanNotFound):
        current_terms("palace")

    assert "palace" not in [offer.plan.code for offer in offers()]


def test_a_code_is_given_once():
    with pytest.raises(CodeTaken) as refused:
        services.create_plan(actor=OPERATOR, kind=PlanKind.ADD_ON, code="studio", name="Mine")

    assert refused.value.field == "code"


def test_a_retired_plan_is_on_no_offer_and_stays_with_who_has_it(subscribers):
    services.retire_plan(actor=OPERATOR, plan_code="studio")

    assert [offer.plan.code for offer in offers()] == ["stall", "hall"]
    assert Tenant.objects.get(pk=ALPHA_ID).plan_code == "studio"


def test_the_last_plan_on_offer_stays_there():
    for code in ("stall", "studio"):
        services.retire_plan(actor=OPERATOR, plan_code=code)

    with pytest.raises(LastPlan):
        services.retire_plan(actor=OPERATOR, plan_code="hall")

    assert [offer.plan.code for offer in offers()] == ["hall"]


ACTS = {
    "create": lambda actor: services.create_plan(actor=actor, kind=PlanKind.PLAN, code="mine", name="Mine"),
    "describe": lambda actor: services.describe_plan(actor=actor, plan_code="studio", name="X", tagline="", position=1),
    "begin": lambda actor: services.begin_draft(actor=actor, plan_code="studio"),
    "save": lambda actor: services.save_draft(
        actor=actor, plan_code="studio", contents=VersionContents(entitlements={}), revision=1
    ),
    "discard": lambda actor: services.discard_draft(actor=actor, plan_code="studio"),
    "publish": lambda actor: services.publish_draft(actor=actor, plan_code="studio", revision=1),
    "offer": lambda actor: services.offer_plan(actor=actor, plan_code="studio"),
    "retire": lambda actor: services.retire_plan(actor=actor, plan_code="studio"),
    "move": lambda actor: services.order_move(actor=actor, plan_code="studio", number=1, tenant_ids=[ALPHA_ID]),
    "add-on": lambda actor: services.set_add_on(actor=actor, tenant_id=ALPHA_ID, code="extra-provider", quantity=1),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_who_may_not_edit_plans_may_not(act):
    auditor = Actor.operator(user_id=2, label="auditor@example.org", capabilities=frozenset({"plans.view"}))
    before = PlanVersion.objects.count()

    with pytest.raises(PermissionDenied):
        act(auditor)

    assert (PlanVersion.objects.count(), AuditEntry.objects.count()) == (before, 0)


def test_acts_leave_entries_with_what_they_were_about():
    next_version("studio")
    services.retire_plan(actor=OPERATOR, plan_code="studio")
    services.offer_plan(actor=OPERATOR, plan_code="studio")
    services.offer_plan(actor=OPERATOR, plan_code="studio")

    entries = AuditEntry.objects.order_by("pk").values_list("action", "target", "data")
    assert list(entries) == [
        ("plan.draft_begun", "studio", {"number": 2}),
        ("plan.published", "studio", {"number": 2}),
        ("plan.retired", "studio", {}),
        ("plan.offered", "studio", {}),
    ]


def test_only_a_published_version_of_an_add_on_is_held():
    version, add_on = PlanVersion.objects.get(plan__code="studio"), Plan.objects.get(code="extra-provider")
    tenant = Tenant.objects.get(pk=ALPHA_ID)

    assert _refused(lambda: TenantAddOn.objects.create(tenant=tenant, add_on=add_on, version=version, quantity=1))
    assert _refused(lambda: TenantAddOn.objects.create(tenant=tenant, add_on=version.plan, version=version, quantity=1))
