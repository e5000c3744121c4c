"""The console's page of jobs, and `manage.py jobs`: queues, what was given up, and what an operator may do about it."""

import html
import re
from io import StringIO
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from kernel.ids import format_public_id
from kernel.outbox.models import MessageState, OutboxMessage
from shared_apps.console import selectors
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.console.happenings import dead_message, text_of, trail
from tests.factories.tenants import ALPHA_ID, BETA_ID

URL = "/console/jobs/"
PENDING, DEAD, LEASED = MessageState.PENDING, MessageState.DEAD, MessageState.LEASED


@pytest.fixture(autouse=True)
def no_doorbell(monkeypatch):
    """Nobody comes."""
    monkeypatch.setattr("kernel.wiring.ring_doorbell", lambda *_, **__: None)


def states() -> list[tuple[object, str]]:
    """Of organizations: the platform has mails about its operators."""
    with platform_scope(reason="test"):
        return sorted(OutboxMessage.objects.exclude(tenant_id=None).values_list("tenant_id", "state"), key=str)


def of_tenant(tenant_id, act: str) -> str:
    return f"{URL}of/{format_public_id('org', tenant_id)}/{act}/"


def manage(*arguments: str) -> str:
    said = StringIO()
    call_command("jobs", *arguments, stdout=said)
    return said.getvalue()


def test_each_organizations_queue_is_shown_with_its_cap_and_lag(admin, alpha, beta):
    for _ in range(3):
        dead_message(state=PENDING)
    dead_message(state=LEASED, leased_until="2026-01-01T00:00:00Z")
    dead_message(tenant_id=BETA_ID)
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(name="Beta Only", status="suspended")

    response = admin.get(URL)

    lines = {row.line.tenant_id: row.line for row in response.context["queues"].rows if row.tenant}
    assert {key: (line.waiting, line.in_flight, line.dead) for key, line in lines.items()} == {
        ALPHA_ID: (3, 1, 0),
        BETA_ID: (0, 0, 1),
    }
    assert {key: line.at_once for key, line in lines.items()} == {ALPHA_ID: 4, BETA_ID: 0}
    page = text_of(response)
    assert "Beta Only" in page
    assert "1/4" in page


def test_what_was_given_up_is_shown_with_its_cause_and_whose_it_is(admin, alpha):
    dead_message()

    page = text_of(admin.get(URL))

    assert "Booking confirmed" in page
    assert "SMTPServerDisconnected: gone" in page
    assert "Twin Market" in page


def test_one_organizations_messages_in_one_state_are_shown_alone(admin, alpha, beta):
    dead_message("mine.waits", state=PENDING)
    dead_message("mine.dead")
    dead_message("theirs.waits", state=PENDING, tenant_id=BETA_ID)

    page = admin.get(URL, {"tenant": format_public_id("org", ALPHA_ID), "state": "pending"})

    assert [row.event_type for row in page.context["page"].rows] == ["mine.waits"]


def test_an_empty_page_says_so(admin):
    with platform_scope(reason="test"):
        OutboxMessage.objects.all().delete()

    page = text_of(admin.get(URL))

    assert "Nothing was given up" in page
    assert "Nothing waits" in page


def test_the_page_costs_the_same_for_many(admin, alpha, beta, django_assert_num_queries):
    dead_message()
    dead_message(state=PENDING)
    admin.get(URL)
    with django_assert_num_queries(17):
        admin.get(URL)
    for _ in range(5):
        dead_message(tenant_id=BETA_ID)
        dead_message(state=PENDING)

    with django_assert_num_queries(17):
        admin.get(URL)


def test_what_was_given_up_goes_on_over_pages(admin, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE_SIZE", 1)
    old, new = dead_message("old.Event"), dead_message("new.Event")

    first = admin.get(URL)
    second = admin.get(URL, {"after": first.context["page"].next_cursor})

    assert [row.pk for row in first.context["page"].rows] == [new.pk]
    assert [row.pk for row in second.context["page"].rows] == [old.pk]


def test_replay_asks_first_then_gives_a_letter_another_life_and_is_noted(support):
    message = dead_message()
    url = f"{URL}{message.pk}/replay/"

    asked = support.get(url)
    before = states()
    response = support.post(url)

    assert "Replay “Booking confirmed”" in text_of(asked)
    assert before == [(ALPHA_ID, "dead")]
    assert response["Location"] == URL
    with platform_scope(reason="test"):
        revived = OutboxMessage.objects.get(pk=message.pk)
    assert (revived.state, revived.attempts) == ("pending", 0)
    assert trail() == [("outbox.replayed", str(message.pk), "support@stoa.example", "")]


def test_replay_of_a_letter_that_is_not_dead_says_so(support):
    message = dead_message(state="done")

    support.post(f"{URL}{message.pk}/replay/")

    assert "Only a message that was given up can be replayed." in text_of(support.get(URL))


def test_replaying_all_of_one_organization_leaves_the_others(support, alpha, beta):
    dead_message()
    dead_message()
    dead_message(tenant_id=BETA_ID)
    url = of_tenant(ALPHA_ID, "replay")

    asked = text_of(support.get(url))
    support.post(url)

    assert "Twin Market" in asked
    assert states() == [(ALPHA_ID, "pending"), (ALPHA_ID, "pending"), (BETA_ID, "dead")]
    assert trail() == [("outbox.replayed_all", "alpha", "support@stoa.example", "")]


def test_replaying_all_wakes_everything_that_was_given_up(support, alpha, beta):
    dead_message()
    dead_message(tenant_id=BETA_ID)
    dead_message(state="done")

    asked = text_of(support.get(f"{URL}replay/"))
    support.post(f"{URL}replay/")

    assert "2 messages, of all organizations and of the platform itself." in asked
    assert states() == [(ALPHA_ID, "done"), (ALPHA_ID, "pending"), (BETA_ID, "pending")]


def test_of_one_message_it_says_that_it_is_one(support, alpha):
    dead_message()

    assert "It is one message." in text_of(support.get(f"{URL}replay/"))


@pytest.mark.parametrize("act", ["replay", "cancel"])
def test_after_an_act_the_page_is_filtered_as_before(admin, alpha, act):
    message = dead_message()
    kept = {"tenant": format_public_id("org", ALPHA_ID), "state": "dead"}

    page = admin.get(URL, kept)
    (link,) = re.findall(rf'href="([^"]*{message.pk}/{act}/[^"]*)"', text_of(page))
    asked = admin.get(html.unescape(link))
    response = admin.post(html.unescape(link))

    assert asked.context["back_url"] == response["Location"] == f"{URL}?{urlencode(kept)}"


def test_after_an_act_on_all_of_one_the_page_is_filtered_as_before(admin, alpha):
    dead_message()

    done = admin.post(f"{of_tenant(ALPHA_ID, 'cancel')}?state=pending&other=1", {"confirmed_name": "alpha"})

    assert done["Location"] == f"{URL}?state=pending"


def test_what_the_list_of_queues_leaves_out_is_counted(admin, alpha, beta, monkeypatch):
    with platform_scope(reason="test"):
        OutboxMessage.objects.all().delete()
    dead_message(state=PENDING, available_at="2026-01-01T00:00:00Z")
    dead_message(tenant_id=BETA_ID)
    monkeypatch.setattr(selectors, "QUEUES_SHOWN", 1)

    response = admin.get(URL)

    assert [row.line.tenant_id for row in response.context["queues"].rows] == [ALPHA_ID]
    assert "One more queue, where work waits less long, is not shown." in text_of(response)
    assert "and 1 more that wait less long" in manage("status")


def test_a_message_leads_to_all_of_its_organization(admin, alpha, beta):
    dead_message("mine")
    dead_message("theirs", tenant_id=BETA_ID)

    link = f"?tenant={format_public_id('org', ALPHA_ID)}"

    assert f'href="{link}"' in text_of(admin.get(URL))
    assert [row.event_type for row in admin.get(URL + link).context["page"].rows] == ["mine"]


def test_cancelling_takes_back_what_waits_and_not_what_a_worker_has(admin):
    waits, busy = dead_message(state=PENDING), dead_message(state=LEASED, leased_until="2026-01-01T00:00:00Z")

    asked = text_of(admin.get(f"{URL}{waits.pk}/cancel/"))
    admin.post(f"{URL}{waits.pk}/cancel/")
    admin.post(f"{URL}{busy.pk}/cancel/")

    assert "There is no way back" in asked
    assert states() == [(ALPHA_ID, "cancelled"), (ALPHA_ID, "leased")]
    with platform_scope(reason="test"):
        assert OutboxMessage.objects.get(pk=waits.pk).last_error == "cancelled by admin@stoa.example"


def test_cancelling_all_of_an_organization_wants_its_name(admin, alpha, beta):
    dead_message(state=PENDING)
    dead_message()
    dead_message(state=PENDING, tenant_id=BETA_ID)
    url = of_tenant(ALPHA_ID, "cancel")

    refused = admin.post(url, {"confirmed_name": "beta"})
    before = states()
    done = admin.post(url, {"confirmed_name": "alpha", "reason": "asked for"})

    assert (refused.status_code, done.status_code) == (422, 303)
    assert [state for _tenant, state in before] == ["dead", "pending", "pending"]
    assert states() == [(ALPHA_ID, "cancelled"), (ALPHA_ID, "cancelled"), (BETA_ID, "pending")]
    assert trail() == [("outbox.cancelled_all", "alpha", "admin@stoa.example", "asked for")]


@pytest.mark.parametrize("act", ["replay", "cancel"])
def test_a_message_that_is_not_there_is_not_found(admin, act):
    assert admin.get(f"{URL}{uuid4()}/{act}/").status_code == 404


def test_support_cancels_nothing_and_auditors_only_look(support, auditor, alpha):
    message = dead_message()

    page = text_of(auditor.get(URL))
    answers = [
        support.post(f"{URL}{message.pk}/cancel/"),
        support.post(of_tenant(ALPHA_ID, "cancel"), {"confirmed_name": "alpha"}),
        auditor.post(f"{URL}replay/"),
        auditor.post(of_tenant(ALPHA_ID, "replay")),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert "/replay/" not in page
    assert "/cancel/" not in page
    assert states() == [(ALPHA_ID, "dead")]


def test_the_command_shows_replays_and_cancels(alpha, beta, in_platform):
    message = dead_message()
    dead_message(state=PENDING, tenant_id=BETA_ID)

    status = manage("status")
    listed = manage("list", "--tenant", "alpha")
    said = [manage("replay", str(message.pk)), manage("cancel", "--tenant", "beta"), manage("replay", "--all")]

    assert [line.split()[:3] for line in status.splitlines()[1:]] == [["beta", "1", "0/4"], ["alpha", "0", "0/4"]]
    assert str(message.pk) in listed
    assert said == ["replayed 1\n", "cancelled 1\n", "replayed 0\n"]
    assert states() == [(ALPHA_ID, "pending"), (BETA_ID, "cancelled")]


def test_the_command_says_when_what_is_due(alpha, in_platform):
    said = manage("schedules", "alpha")

    assert "idempotency.purge_keys.v1" in said
    assert "accounts.forget_sessions.v1" in said
    with pytest.raises(CommandError, match="no organization"):
        manage("schedules", "nobody")
