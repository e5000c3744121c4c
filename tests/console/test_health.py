"""The console's pages of health: what is gathered, of whom, how it is shown, and when somebody is told."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from kernel import clock
from provisioning.health.looking import look_into
from provisioning.health.services import gather_health
from provisioning.health.types import NEVER, Cause, Figures, Looked, Trouble
from provisioning.health.words import reason_of
from provisioning.models import Quarantine, TenantHealth
from shared_apps.archives.models import Archive
from shared_apps.domains.models import CustomDomain
from tenant_apps.notifications.models import SentMail
from tenants.errors import NoTenant
from tenants.models import Tenant, TrafficBucket
from tenants.scope import platform_scope, tenant_scope
from tenants.traffic.slow_writing import write_slow
from tenants.traffic.types import LATENCY_PARTS, Slowness
from tests.console.happenings import dead_message, tenant_url, text_of, trail
from tests.factories.tenants import ALPHA_ID, BETA_ID

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "/console/health/"


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    """It is noon; the twins were made a day ago, so that nobody expects a snapshot of them."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    with platform_scope(reason="test"):
        Tenant.objects.update(created_at=NOON - timedelta(days=1))


def asked(*, ago: timedelta, requests: int, errors: int = 0, throttled: int = 0, tenant_id=ALPHA_ID) -> None:
    """Five minutes in which alpha was asked for so much; each answer took half a second."""
    latency = [0] * LATENCY_PARTS
    latency[6] = requests
    with platform_scope(reason="test"):
        TrafficBucket.objects.create(
            tenant_id=tenant_id, began_at=NOON - ago, requests=requests, redirects=0, client_errors=0,
            server_errors=errors, throttled=throttled, busy_milliseconds=500 * requests, latency=latency,
        )  # fmt: skip


def row_of(tenant_id=ALPHA_ID) -> TenantHealth:
    with platform_scope(reason="test"):
        return TenantHealth.objects.get(pk=tenant_id)


def figures_of(tenant_id=ALPHA_ID) -> Figures:
    return Figures.from_json(row_of(tenant_id).figures)


def looked_of(tenant_id=ALPHA_ID) -> Looked:
    return Looked.from_json(row_of(tenant_id).looked)


def causes_of(tenant_id=ALPHA_ID) -> list[str]:
    return [trouble["cause"] for trouble in row_of(tenant_id).troubles]


def test_an_organization_with_nothing_wrong_has_a_full_score(alpha, beta):
    gather_health()

    assert (row_of().score, row_of().state, causes_of()) == (100, "good", [])
    assert row_of().gathered_at == row_of().looked_at == NOON


def test_the_traffic_of_the_last_hour_is_its_own(alpha, beta):
    asked(ago=timedelta(minutes=10), requests=100, errors=10, throttled=25)
    asked(ago=timedelta(hours=2), requests=1000)

    gather_health()

    mine, theirs = figures_of(), figures_of(BETA_ID)
    assert (mine.requests, mine.server_errors, mine.throttled, mine.p95_milliseconds) == (100, 10, 25, 488)
    assert (theirs.requests, theirs.throttled, theirs.p95_milliseconds) == (0, 0, None)
    assert causes_of() == ["errors", "throttled"]
    assert causes_of(BETA_ID) == []


def slow_query(text: str, *, count: int, ago: timedelta = timedelta(0), tenant_id=ALPHA_ID) -> None:
    write_slow([(tenant_id, Slowness(text, count, 900, NOON - ago))])


def test_slow_queries_of_the_last_hour_cost_points_and_those_of_the_day_are_listed(admin, alpha, beta):
    slow_query("SELECT mine", count=12, ago=timedelta(minutes=10))
    slow_query("SELECT earlier", count=500, ago=timedelta(hours=3))
    slow_query("SELECT theirs", count=3, tenant_id=BETA_ID)

    gather_health()

    assert (figures_of().slow_statements, figures_of().slow_milliseconds) == (12, 900)
    assert (causes_of(), causes_of(BETA_ID)) == (["slow_statements"], [])
    (reason,) = admin.get(URL + "?q=alpha").context["page"].rows[0].reasons
    page = admin.get(reason.url)
    assert reason.url == tenant_url(ALPHA_ID, "health/#slow")
    assert [line.text for line in page.context["slow"]] == ["SELECT earlier", "SELECT mine"]
    assert 'id="slow"' in text_of(page)
    assert "SELECT theirs" not in text_of(page)


def test_the_oldest_due_work_and_dead_letters_are_counted_and_what_is_parked_or_later_is_not(alpha, beta):
    dead_message()
    dead_message(state="pending", available_at=NOON - timedelta(minutes=11))
    dead_message(state="pending", available_at=NOON - timedelta(hours=9), is_parked=True)
    dead_message(state="pending", available_at=NOON + timedelta(hours=1), tenant_id=BETA_ID)

    gather_health()

    mine, theirs = figures_of(), figures_of(BETA_ID)
    assert (mine.waiting, mine.dead_letters, mine.lag_seconds) == (2, 1, 660)
    assert (theirs.waiting, theirs.dead_letters, theirs.lag_seconds) == (1, 0, 0)
    assert causes_of() == ["lag", "dead_letters"]


def test_quarantine_version_domains_and_snapshots_are_told(alpha, beta):
    with platform_scope(reason="test"):
        Quarantine.objects.create(tenant_id=BETA_ID, was_active=True, reason="test")
        Tenant.objects.filter(pk=ALPHA_ID).update(schema_version="older", created_at=NOON - timedelta(days=30))
        Archive.objects.create(
            tenant_id=ALPHA_ID, is_snapshot=True, state="ready", requested_by="x", taken_at=NOON - timedelta(hours=49)
        )
        for host, state, ends in (("a.example", "failing", None), ("b.example", "live", NOON + timedelta(days=1))):
            CustomDomain.objects.create(
                tenant_id=ALPHA_ID, host=host, look=host, state=state, claim_expires_at=NOON, next_check_at=NOON,
                certificate_expires_at=ends,
            )  # fmt: skip

    gather_health()

    assert causes_of() == ["domains", "behind", "certificate", "snapshot"]
    assert (figures_of().snapshot_hours, figures_of().certificate_days) == (49, 1)
    assert causes_of(BETA_ID) == ["quarantined"]


def test_mail_and_use_of_the_plan_are_seen_inside_and_each_of_its_own(alpha, beta):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(entitlements={"max_providers": 1, "storage_megabytes": 10})
    with tenant_scope(alpha):
        for number in range(10):
            SentMail.objects.create(
                key=f"{number}", template="x", to="a@b.example", subject="x", created_at=NOON - timedelta(hours=2),
                claimed_at=NOON - timedelta(hours=2), refused_at=NOON if number < 3 else None,
                sent_at=NOON if 3 <= number < 9 else None,
            )  # fmt: skip

    gather_health()

    mine, theirs = looked_of(), looked_of(BETA_ID)
    assert (mine.mails, mine.mails_refused, mine.mails_stuck, mine.file_bytes) == (10, 3, 1, 0)
    assert (theirs.mails, theirs.mails_refused, theirs.mails_stuck) == (0, 0, 0)
    assert {use.code: use.limit for use in mine.uses}["max_providers"] == 1
    assert mine.bytes is not None
    assert mine.bytes > 0
    assert causes_of()[:2] == ["mails_refused", "mails_stuck"]


def test_one_whose_schema_is_broken_is_told_and_the_others_are_seen(alpha, beta):
    gone = uuid.uuid4()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(schema_name=f"t_{gone.hex}")

    gather_health()

    assert causes_of(BETA_ID) == ["unreadable"]
    assert causes_of() == []


def test_looking_into_one_needs_no_scope_and_nothing_loaded_beforehand(alpha, beta):
    with platform_scope(reason="test"):
        rows = list(Tenant.objects.order_by("pk"))

    found = look_into(rows, now=NOON)

    assert {pk: looked.is_readable for pk, looked in found.items()} == {ALPHA_ID: True, BETA_ID: True}


def test_a_boundary_that_we_forgot_is_not_told_as_a_broken_schema(alpha, monkeypatch):
    def forgetful(*, now):
        raise NoTenant("no scope")

    monkeypatch.setattr("provisioning.health.looking.uses_of_plan", forgetful)

    with pytest.raises(NoTenant):
        gather_health()


def test_those_who_were_not_looked_into_for_longest_come_first_and_figures_are_everybodys(alpha, beta):
    gather_health(look_into_most=1, now=NOON)
    first = {pk for pk in (ALPHA_ID, BETA_ID) if row_of(pk).looked_at}
    gather_health(look_into_most=1, now=NOON + timedelta(minutes=5))

    assert len(first) == 1
    assert {row_of(pk).looked_at for pk in first} == {NOON}
    assert {row_of(pk).looked_at for pk in {ALPHA_ID, BETA_ID} - first} == {NOON + timedelta(minutes=5)}
    assert {row_of(pk).gathered_at for pk in (ALPHA_ID, BETA_ID)} == {NOON + timedelta(minutes=5)}


def test_whoever_goes_out_of_service_is_out_of_the_list(alpha, beta):
    gather_health()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(status="suspended")

    assert gather_health() == 1

    with platform_scope(reason="test"):
        assert list(TenantHealth.objects.values_list("pk", flat=True)) == [ALPHA_ID]


def test_a_round_asks_the_database_as_often_for_many_as_for_few(alpha, beta):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            gather_health(look_into_most=0)
        return len(caught)

    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(status="suspended")
    few = queries()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(status="active")

    assert queries() == few


def test_a_fall_below_the_bound_is_logged_once_with_its_causes_and_no_name(alpha, beta):
    gather_health()
    with platform_scope(reason="test"):
        Quarantine.objects.create(tenant_id=ALPHA_ID, was_active=True, reason="test")

    with capture_logs() as lines:
        gather_health()
        gather_health()

    (line,) = [line for line in lines if line["event"] == "health_fell"]
    assert (line["tenant"], line["score"], line["causes"]) == (str(ALPHA_ID), 40, ["quarantined"])


def test_the_list_has_the_worst_first_with_the_reasons_and_links_to_where_they_are_mended(admin, alpha, beta):
    dead_message(tenant_id=BETA_ID)
    gather_health()

    response = admin.get(URL)

    assert [health.row.tenant_id for health in response.context["page"].rows] == [BETA_ID, ALPHA_ID]
    (reason,) = response.context["page"].rows[0].reasons
    assert reason.sentence == "1 event or job was given up."
    assert reason.url in text_of(response).replace("&amp;", "&")
    assert admin.get(reason.url).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("?state=good", 1),
        ("?state=bad", 1),
        ("?state=watch", 0),
        ("?state=nonsense", 2),
        ("?q=alpha", 1),
        ("?q=none", 0),
    ],
)
def test_the_list_is_searched_and_filtered(admin, alpha, beta, query, found):
    with platform_scope(reason="test"):
        Quarantine.objects.create(tenant_id=BETA_ID, was_active=True, reason="test")
    gather_health()

    response = admin.get(URL + query)

    assert len(response.context["page"].rows) == found
    assert ("Nothing found" in text_of(response)) == (found == 0)


def test_before_the_first_round_the_list_says_who_looks(admin, alpha):
    assert "The sweeper looks at every open organization" in text_of(admin.get(URL))


def test_the_overview_names_those_that_need_a_look_and_no_others(admin, alpha, beta):
    with platform_scope(reason="test"):
        Quarantine.objects.create(tenant_id=BETA_ID, was_active=True, reason="test")
    gather_health()

    response = admin.get("/console/")

    assert [health.row.tenant_id for health in response.context["worst"]] == [BETA_ID]
    assert tenant_url(BETA_ID, "health/") in text_of(response)
    assert "Something waits for you." in text_of(response)


def test_an_organizations_page_shows_its_score_and_why(admin, alpha, beta):
    dead_message()
    gather_health()

    assert "1 event or job was given up." in text_of(admin.get(tenant_url(ALPHA_ID)))
    assert "1 event or job was given up." not in text_of(admin.get(tenant_url(BETA_ID)))


def test_a_day_and_a_week_are_drawn_and_stand_in_a_table(admin, alpha):
    asked(ago=timedelta(hours=3), requests=7, errors=2)
    asked(ago=timedelta(days=5), requests=40)
    asked(ago=timedelta(hours=3), requests=900, tenant_id=BETA_ID)

    day = admin.get(tenant_url(ALPHA_ID, "health/"))
    week = admin.get(tenant_url(ALPHA_ID, "health/?span=week"))

    def asked_in(response) -> list[tuple[str, int, int]]:
        moments = response.context["history"].moments
        return [(m.label, m.traffic.requests, m.traffic.server_errors) for m in moments if m.traffic.requests]

    assert asked_in(day) == [("09:00", 7, 2)]
    assert asked_in(week) == [("25.02. 12:00", 40, 0), ("02.03. 06:00", 7, 2)]
    assert len(day.context["history"].moments) == 24
    assert len(week.context["history"].moments) == 28
    assert "<svg" in text_of(day)


def test_a_day_without_anybody_says_so(admin, alpha):
    assert "Nothing was asked of it in this time." in text_of(admin.get(tenant_url(ALPHA_ID, "health/")))


@pytest.mark.parametrize("act", [tenant_url(ALPHA_ID, "health/gather/"), f"{URL}gather/"])
def test_looking_again_takes_the_figures_of_now(auditor, alpha, act):
    gather_health(now=NOON - timedelta(minutes=4))
    dead_message()

    response = auditor.post(act)

    assert response.status_code == 303
    assert (row_of().gathered_at, causes_of()) == (NOON, ["dead_letters"])
    assert trail() == []


def test_looking_again_is_for_operators(owner, platform_client, alpha):
    for act in (tenant_url(ALPHA_ID, "health/gather/"), f"{URL}gather/"):
        assert owner.post(act).status_code == 403
        assert platform_client.post(act).status_code == 302

    with platform_scope(reason="test"):
        assert not TenantHealth.objects.exists()


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_a_sentence_and_a_page(admin, alpha, settings, cause):
    settings.ROOT_URLCONF = settings.PUBLIC_SCHEMA_URLCONF
    with platform_scope(reason="test"):
        tenant = Tenant.objects.get(pk=ALPHA_ID)

    reason = reason_of(Trouble(cause, 5, 3, "max_providers" if cause is Cause.LIMIT else ""), tenant)

    assert reason.sentence.endswith(".")
    assert "%(" not in reason.sentence
    assert admin.get(reason.url).status_code == 200


@pytest.mark.parametrize(
    ("hours", "about", "sentence"),
    [
        (24, "", "It was last saved 1 day ago."),
        (73, "", "It was last saved 3 days ago."),
        (73, NEVER, "It is 3 days old and was never saved."),
    ],
)
def test_what_was_never_saved_is_not_said_to_have_been(alpha, settings, hours, about, sentence):
    settings.ROOT_URLCONF = settings.PUBLIC_SCHEMA_URLCONF
    with platform_scope(reason="test"):
        tenant = Tenant.objects.get(pk=ALPHA_ID)

    assert reason_of(Trouble(Cause.SNAPSHOT, 10, hours, about), tenant).sentence == sentence


@pytest.mark.parametrize("cause", [Cause.ERRORS, Cause.SLOW_PAGES, Cause.SLOW_STATEMENTS])
def test_what_is_asked_too_slowly_or_fails_leads_to_where_it_is_shown(admin, alpha, settings, cause):
    settings.ROOT_URLCONF = settings.PUBLIC_SCHEMA_URLCONF
    with platform_scope(reason="test"):
        tenant = Tenant.objects.get(pk=ALPHA_ID)

    path, part = reason_of(Trouble(cause, 5, 3), tenant).url.split("#")

    assert path == tenant_url(ALPHA_ID, "health/")
    assert f'id="{part}"' in text_of(admin.get(path))
