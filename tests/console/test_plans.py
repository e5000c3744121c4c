"""The operator's pages of plans: a draft in one form, what would have been, publishing, moving, offering and retiring."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
import time_machine

from kernel.ids import format_public_id, new_id
from provisioning.health.types import Looked, Use, UsedInMonth, as_json
from provisioning.models import TenantHealth
from shared_apps.plans.models import Plan, PlanMove, PlanVersion
from shared_apps.plans.selectors import contents_of, draft_of, version_contents
from shared_apps.plans.services import start_trial
from shared_apps.plans.types import Beyond, Interval, PlanKind, QuotaTerms
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.console.happenings import trail
from tests.factories.plans import draft_with, next_version
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_tenant

STUDIO = "/console/plans/studio/"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE = datetime(2026, 7, 31, 12, tzinfo=UTC)
MONTH = Interval.MONTH


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def subscribers(alpha, beta) -> None:
    """Both twins pay for version 1 of “studio” in pounds; alpha made 2,300 bookings in September."""
    with platform_scope(reason="test"):
        for tenant_id, name in ((ALPHA_ID, "Alpha Works"), (BETA_ID, "=Beta")):
            start_trial(tenant_id=tenant_id, plan_code="studio")
            Tenant.objects.filter(pk=tenant_id).update(name=name, created_at=BEFORE)
        _look(ALPHA_ID, {"2026-08-01": 10, "2026-09-01": 2300, "2026-10-01": 30, "2026-11-01": 5}, providers=12)
        _look(BETA_ID, {"2026-08-01": 0, "2026-09-01": 0, "2026-10-01": 0}, providers=2)


def _look(tenant_id, bookings, *, providers):
    months = tuple(UsedInMonth(month, count) for month, count in bookings.items())
    looked = Looked(uses=(Use("max_providers", providers, 25),), months=months, file_bytes=0)
    TenantHealth.objects.create(tenant_id=tenant_id, score=100, state="good", looked=as_json(looked), gathered_at=NOW)


def _draft(**contents):
    with platform_scope(reason="test"):
        return draft_with("studio", **contents)


def _fields(page) -> dict[str, str]:
    """What a browser would send back of the form as it is."""
    form = page.context["form"]
    found = {}
    for bound in form:
        value = bound.value()
        if value is True:
            found[bound.name] = "on"
        elif value is not None and value is not False:
            found[bound.name] = str(value)
    return found


def _text(response) -> str:
    return response.content.decode()


def test_a_draft_sent_back_as_it_is_changes_nothing(admin):
    admin.post(f"{STUDIO}draft/begin/")
    page = admin.get(f"{STUDIO}draft/")

    answer = admin.post(f"{STUDIO}draft/", _fields(page))

    assert answer.status_code == 303
    with platform_scope(reason="test"):
        draft = draft_of(Plan.objects.get(code="studio"))
        assert draft is not None
        assert contents_of(draft) == version_contents("studio", 1)


def test_all_of_a_version_is_filled_in_by_one_form(admin):
    admin.post(f"{STUDIO}draft/begin/")
    sent = _fields(admin.get(f"{STUDIO}draft/")) | {
        "price_EUR_month": "61.50",
        "price_EUR_year": "",
        "new_currency": "JPY",
        "new_month": "9,000",
        "limit_max_services": "",
        "switch_sso": "on",
        "beyond_bookings_per_month": "sold",
        "stops_at_bookings_per_month": "5000",
        "per_units_bookings_per_month": "100",
        "overage_bookings_per_month_EUR": "2",
        "trial_days": "30",
        "note": "dearer",
    }

    answer = admin.post(f"{STUDIO}draft/", sent | {"then": "what_if"})

    assert answer["Location"] == f"{STUDIO}draft/what-if/"
    with platform_scope(reason="test"):
        said = version_contents("studio", 2)
    assert said is not None
    assert said.prices[("EUR", MONTH)] == 6150
    assert ("EUR", Interval.YEAR) not in said.prices
    assert said.prices[("JPY", MONTH)] == 9000
    assert (said.entitlements["max_services"], said.entitlements["sso"]) == (None, True)
    terms = QuotaTerms(beyond=Beyond.SOLD, stops_at=5000, per_units=100, prices={"EUR": 200})
    assert said.quotas == {"bookings_per_month": terms}
    assert (said.trial_days, said.note) == (30, "dearer")


WRONG = {
    "price_EUR_month": ("1.2.3", "Enter an amount"),
    "price_GBP_year": ("-5", "not negative"),
    "limit_max_providers": ("-1", "greater than or equal to 0"),
    "new_month": ("", "Give a price in this currency."),
    "stops_at_bookings_per_month": ("7", "It must stop above what is included."),
    "per_units_bookings_per_month": (str(2**31), "more than a price can be for"),
    "new_year": ("12.341", "Stripe cannot charge such a fraction of KWD."),
}
_EXTRA = {"new_month": {"new_currency": "JPY"}, "new_year": {"new_currency": "KWD", "new_month": "12.340"}}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_stands_beside_its_field_and_nothing_that_was_typed_is_lost(admin, name):
    admin.post(f"{STUDIO}draft/begin/")
    wrong, words = WRONG[name]
    extra = _EXTRA.get(name, {}) | ({"beyond_bookings_per_month": "tolerated"} if name.startswith("stops") else {})
    extra |= {"beyond_bookings_per_month": "sold"} if name.startswith("per_units") else {}
    sent = _fields(admin.get(f"{STUDIO}draft/")) | {"note": "my long note"} | extra | {name: wrong}

    answer = admin.post(f"{STUDIO}draft/", sent)

    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[name])
    assert f'id="id_{name}_error"' in _text(answer)
    assert 'value="my long note"' in _text(answer)
    with platform_scope(reason="test"):
        assert draft_of(Plan.objects.get(code="studio")).revision == 1


def test_of_two_operators_the_second_is_told_and_keeps_what_was_typed(admin):
    admin.post(f"{STUDIO}draft/begin/")
    sent = _fields(admin.get(f"{STUDIO}draft/"))
    admin.post(f"{STUDIO}draft/", sent | {"note": "first"})

    answer = admin.post(f"{STUDIO}draft/", sent | {"note": "second"})

    assert answer.status_code == 409
    assert "Somebody has changed this draft" in _text(answer)
    assert 'value="second"' in _text(answer)


def test_the_draft_of_an_add_on_says_only_what_it_adds(admin):
    admin.post("/console/plans/extra-provider/draft/begin/")
    page = admin.get("/console/plans/extra-provider/draft/")

    admin.post("/console/plans/extra-provider/draft/", _fields(page) | {"limit_max_providers": "5"})

    with platform_scope(reason="test"):
        assert version_contents("extra-provider", 2).entitlements == {"max_providers": 5}


def test_what_if_tells_who_would_pay_what_and_meet_which_limit(admin, subscribers):
    terms = QuotaTerms(beyond=Beyond.SOLD, per_units=100, prices={"GBP": 300})
    _draft(
        entitlements={"max_providers": 10, "bookings_per_month": 2000},
        prices={("GBP", MONTH): 6000},
        quotas={"bookings_per_month": terms},
    )

    found = admin.get(f"{STUDIO}draft/what-if/").context["found"]

    alpha, beta = found.replays
    assert [month.isoformat() for month in found.months] == ["2026-08-01", "2026-09-01", "2026-10-01"]
    # 51 pounds a month as it is; 60 with the draft, and three times 3 for the 300 bookings beyond the 2,000.
    assert (alpha.paid_before.amount_minor, alpha.paid_after.amount_minor) == (15_300, 18_000 + 900)
    assert (beta.paid_before.amount_minor, beta.paid_after.amount_minor) == (15_300, 18_000)
    assert [(hit.entitlement.code, hit.used, hit.limit) for hit in alpha.hits_before] == [("bookings_per_month", 2300, 2000)]
    assert [(hit.entitlement.code, hit.used, hit.limit) for hit in alpha.hits_after] == [("max_providers", 12, 10)]
    assert [(one.slug, [hit.by for hit in one.exceeds]) for one in found.exceeding] == [("alpha", [2])]
    (together,) = found.sums
    assert (together.currency, together.tenants, together.difference.amount_minor) == ("GBP", 2, 36_900 - 30_600)
    assert [one.code for one in found.unknown] == ["api_calls_per_month", "ai_tokens_per_month"]


def test_nothing_is_made_up_of_months_before_somebody_signed_up(admin, subscribers):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(created_at=NOW)
        Tenant.objects.filter(pk=ALPHA_ID).update(created_at=datetime(2026, 9, 30, 12, tzinfo=UTC))
    _draft(prices={("GBP", MONTH): 6000})

    found = admin.get(f"{STUDIO}draft/what-if/").context["found"]

    paid = {one.slug: (one.paid_before.amount_minor, one.paid_after.amount_minor) for one in found.replays}
    assert paid == {"alpha": (2 * 5100, 2 * 6000), "beta": (0, 0)}


def test_the_sums_are_those_of_the_lines_of_the_file(admin, subscribers):
    _draft(entitlements={"max_providers": 10, "bookings_per_month": 2000}, prices={("GBP", MONTH): 6000})

    answer = admin.get(f"{STUDIO}draft/what-if.csv")

    lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert answer["Content-Disposition"] == 'attachment; filename="what-if-studio-2.csv"'
    assert len(lines) == 6
    assert sum(round(float(line["paid_then"]) * 100) for line in lines) == 36_000
    # A spreadsheet would take it for a formula.
    assert {line["name"] for line in lines} == {"Alpha Works", "'=Beta"}
    september = next(line for line in lines if line["address"] == "alpha" and line["month"] == "2026-09")
    assert (september["refused_then"], september["paid_now"]) == ("Providers: 12/10 and Bookings a month: 2300/2000", "51.00")


def test_an_organization_that_nobody_looked_into_is_said_to_be_unknown(admin, subscribers):
    with platform_scope(reason="test"):
        TenantHealth.objects.filter(tenant_id=BETA_ID).delete()
    _draft()

    page = admin.get(f"{STUDIO}draft/what-if/")

    assert page.context["found"].without_usage == 1
    assert "Of 1 organization nothing is known yet" in _text(page)


def test_a_plan_without_anybody_has_nothing_to_replay(admin):
    with platform_scope(reason="test"):
        draft_with("hall")

    assert "There is nothing to replay." in _text(admin.get("/console/plans/hall/draft/what-if/"))


def test_before_publishing_one_reads_who_is_where_and_who_has_too_much(admin, subscribers):
    _draft(entitlements={"max_providers": 10})

    page = _text(admin.get(f"{STUDIO}draft/publish/"))

    assert "2 organizations stay" in page
    assert "Alpha Works" in page
    assert "Providers: 12 / 10" in page
    assert "=Beta" not in page


def test_published_is_what_was_looked_at_and_nothing_that_came_later(admin, subscribers):
    seen = _draft()
    _draft(entitlements={"max_providers": 1})

    late = admin.post(f"{STUDIO}draft/publish/", {"revision": seen.revision})
    now = admin.post(f"{STUDIO}draft/publish/", {"revision": seen.revision + 1, "reason": "new prices"})

    assert (late.status_code, now.status_code) == (409, 303)
    with platform_scope(reason="test"):
        assert PlanVersion.objects.get(plan__code="studio", number=2).published_at == NOW
        assert set(Tenant.objects.values_list("plan_version", flat=True)) == {1}


def test_a_draft_without_a_price_says_so_instead_of_being_published(admin):
    draft = _draft(prices={})

    answer = admin.post(f"{STUDIO}draft/publish/", {"revision": draft.revision})

    assert answer.status_code == 409
    assert "It has no price yet." in _text(answer)


def test_chosen_organizations_are_moved_and_the_page_tells_how_far(admin, subscribers):
    with platform_scope(reason="test"):
        next_version("studio", entitlements={"max_providers": 10}, prices={("GBP", MONTH): 6000})
    page = admin.get(f"{STUDIO}moves/2/")

    answer = admin.post(f"{STUDIO}moves/2/", {"tenants": [format_public_id("org", ALPHA_ID)], "reason": "agreed"})

    assert "Providers: 12 / 10" in _text(page)
    assert answer.status_code == 303
    with platform_scope(reason="test"):
        move = PlanMove.objects.get()
        assert [target.tenant_id for target in move.targets.all()] == [ALPHA_ID]
    fragment = _text(admin.get(f"{STUDIO}moves/"))
    assert "0 of 1 moved" in fragment
    assert 'hx-trigger="load delay:1s"' in fragment


def test_everybody_is_everybody_on_another_version(admin, subscribers):
    with platform_scope(reason="test"):
        next_version("studio")
        create_tenant(new_id(), "gamma", plan_version=2)
        create_tenant(new_id(), "delta", plan_code="hall")

    admin.post(f"{STUDIO}moves/2/", {"everybody": "on"})

    with platform_scope(reason="test"):
        assert {target.tenant_id for target in PlanMove.objects.get().targets.all()} == {ALPHA_ID, BETA_ID}


@pytest.mark.parametrize("sent", [{}, {"tenants": ["org_nonsense"]}])
def test_nobody_chosen_is_nobody_moved(admin, subscribers, sent):
    with platform_scope(reason="test"):
        next_version("studio")

    answer = admin.post(f"{STUDIO}moves/2/", sent)

    assert answer.status_code == 422
    with platform_scope(reason="test"):
        assert not PlanMove.objects.exists()


@pytest.mark.parametrize("path", ["studio/moves/9/", "extra-provider/moves/1/", "studio/draft/", "studio/draft/what-if/"])
def test_what_is_not_there_is_not_found(admin, path):
    assert admin.get(f"/console/plans/{path}").status_code == 404


def test_nobody_can_be_moved_to_a_draft(admin, subscribers):
    _draft()

    assert admin.get(f"{STUDIO}moves/2/").status_code == 404


def test_a_new_plan_leads_to_its_draft_and_is_seen_by_nobody_yet(admin, platform_client):
    wish = {"kind": "plan", "name": "Palace", "code": "palace", "tagline": "Gold"}

    answer = admin.post("/console/plans/new/", wish)
    again = admin.post("/console/plans/new/", wish)

    assert answer["Location"] == "/console/plans/palace/draft/"
    assert admin.get(answer["Location"]).status_code == 200
    assert (again.status_code, "code" in again.context["form"].errors) == (409, True)
    assert "Palace" not in _text(platform_client.get("/"))


def test_a_plan_cannot_be_called_like_a_page(admin):
    answer = admin.post("/console/plans/new/", {"kind": "plan", "name": "New", "code": "new"})

    assert answer.status_code == 422


def test_a_plan_is_described_anew_for_all_of_its_versions(admin):
    admin.post(f"{STUDIO}describe/", {"name": "Atelier", "tagline": "For many", "position": "7"})

    with platform_scope(reason="test"):
        plan = Plan.objects.get(code="studio")
        assert (plan.name, plan.tagline, plan.position, plan.current.number) == ("Atelier", "For many", 7, 1)


def test_the_history_tells_in_words_what_each_version_changed(admin):
    with platform_scope(reason="test"):
        said = version_contents("studio", 1)
        next_version(
            "studio",
            entitlements=dict(said.entitlements) | {"max_providers": 30},
            prices=dict(said.prices) | {("EUR", MONTH): 6900},
            trial_days=said.trial_days,
        )

    rows = admin.get(STUDIO).context["versions"]

    assert [row.version.number for row in rows] == [2, 1]
    assert [(one.label, one.before, one.after) for one in rows[0].differences] == [
        ("A month in EUR", "€59.00", "€69.00"),
        ("Providers", "25", "30"),
    ]
    assert rows[1].differences == []


def test_the_list_counts_who_is_on_which_version(admin, subscribers):
    with platform_scope(reason="test"):
        next_version("studio")
        Tenant.objects.filter(pk=BETA_ID).update(plan_version=2)

    row = next(row for row in admin.get("/console/plans/").context["rows"] if row.plan.code == "studio")

    assert (dict(row.by_version), row.number, row.behind) == ({1: 1, 2: 1}, 2, 1)


def test_add_ons_are_given_by_number_and_only_changes_are_written(admin, subscribers):
    url = f"/console/tenants/{format_public_id('org', ALPHA_ID)}/add-ons/"

    admin.post(url, {"number_extra-provider": "2", "number_extra-domain": "0", "reason": "agreed"})
    admin.post(url, {"number_extra-provider": "2", "number_extra-domain": "0"})

    assert [entry[0] for entry in trail()] == ["plan.add_on_set"]
    with platform_scope(reason="test"):
        assert Tenant.objects.get(pk=ALPHA_ID).entitlements["max_providers"] == 27


def test_a_plan_and_an_add_on_are_offered_and_retired(admin):
    for code, kind in (("studio", PlanKind.PLAN), ("extra-domain", PlanKind.ADD_ON)):
        assert admin.post(f"/console/plans/{code}/retire/").status_code == 303
        with platform_scope(reason="test"):
            assert not Plan.objects.get(code=code, kind=kind).is_offered
        assert admin.post(f"/console/plans/{code}/offer/").status_code == 303
    with platform_scope(reason="test"):
        assert Plan.objects.filter(is_offered=True).count() == 5
