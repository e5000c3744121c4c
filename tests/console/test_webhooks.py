"""The console's pages of webhooks: how far behind, what is stuck and why, one event, and what an operator may do about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kernel.outbox.models import MessageState, OutboxMessage
from shared_apps.webhook_inbox.models import ReconcileRound, WebhookEvent
from tenants.scope import platform_scope
from tests.console.happenings import dead_message, text_of, trail
from tests.factories.tenants import ALPHA_ID

URL = "/console/webhooks/"


@pytest.fixture(autouse=True)
def no_doorbell(monkeypatch):
    """Nobody comes."""
    monkeypatch.setattr("kernel.wiring.ring_doorbell", lambda *_, **__: None)


def event(name: str = "evt_one", **fields: object) -> WebhookEvent:
    defaults: dict[str, object] = {
        "type": "customer.updated", "kind": "customer", "object_id": "cus_one", "happened_at": timezone.now(),
        "payload": {"id": "cus_one", "name": "<b>Ada</b>"},
    }  # fmt: skip
    with platform_scope(reason="test"):
        return WebhookEvent.objects.create(event_id=name, **(defaults | fields))


def given_up(name: str = "evt_dead") -> WebhookEvent:
    dead_message("webhook_inbox.apply_webhook.v1", tenant_id=None, key=f"webhook:{name}:1")
    return event(name, failures=8, error="TemporaryFailure: Stripe is away")


def state_of(name: str) -> str:
    with platform_scope(reason="test"):
        return WebhookEvent.objects.values_list("state", flat=True).get(event_id=name)


def ids_on(response) -> list[str]:
    return sorted(row.line.event.event_id for row in response.context["lines"])


@pytest.fixture
def one_of_each(alpha) -> None:
    event("evt_waiting", received_at=timezone.now() - timedelta(minutes=3))
    event("evt_failing", failures=2, error="Away: the connection broke", object_id="cus_two")
    given_up()
    event("evt_stranger", state="quarantined", reason="nobodys", customer_id="cus_three")
    event("evt_applied", state="applied", tenant_id=ALPHA_ID)
    event("evt_ignored", state="ignored", type="product.created")


def test_the_page_says_how_far_behind_it_is_and_what_is_stuck(admin, one_of_each):
    response = admin.get(URL)

    status, page = response.context["status"], text_of(response)
    assert {shown.value: count for shown, count in status.counts.items()} == {
        "given_up": 1, "failing": 1, "waiting": 1, "quarantined": 1, "applied": 1, "ignored": 1,
    }  # fmt: skip
    assert timedelta(minutes=3) <= status.lag < timedelta(minutes=10)
    assert "2 events of Stripe's wait for a person" in page
    assert "Away: the connection broke" in page
    assert "Twin Market" in page


@pytest.mark.parametrize("state", ["waiting", "failing", "given_up", "quarantined", "applied", "ignored"])
def test_each_state_is_shown_alone(admin, one_of_each, state):
    names = {"given_up": "evt_dead", "quarantined": "evt_stranger"}

    assert ids_on(admin.get(f"{URL}?state={state}")) == [names.get(state, f"evt_{state}")]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("evt_waiting", ["evt_waiting"]),
        ("cus_two", ["evt_failing"]),
        ("cus_three", ["evt_stranger"]),
        ("product.", ["evt_ignored"]),
        ("nothing", []),
    ],
)
def test_an_event_is_found_by_an_id_or_the_beginning_of_its_type(admin, one_of_each, word, found):
    assert ids_on(admin.get(URL, {"q": word})) == found


def test_the_overview_alarms_until_nothing_is_stuck(admin):
    event("evt_stranger", state="quarantined", reason="nobodys")
    before = admin.get("/console/").text

    admin.post(f"{URL}evt_stranger/aside/")

    assert "waits for a person" in before
    assert "waits for a person" not in admin.get("/console/").text
    assert trail() == [("webhook.set_aside", "evt_stranger", "admin@stoa.example", "")]


def test_one_event_is_shown_with_its_object_as_text_and_its_siblings(admin, one_of_each):
    page = admin.get(f"{URL}evt_waiting/")

    assert "&lt;b&gt;Ada&lt;/b&gt;" in page.text
    assert "<b>Ada</b>" not in page.text
    assert "evt_applied" in page.text
    assert f"{URL}evt_waiting/replay/" not in page.text


@pytest.mark.parametrize(("name", "is_shown"), [("evt_applied", True), ("evt_ignored", True), ("evt_waiting", False)])
def test_what_nobody_is_at_can_be_replayed_from_beside_its_facts(support, one_of_each, name, is_shown):
    page = support.get(f"{URL}{name}/").text

    assert (f"{URL}{name}/replay/" in page.partition("<main")[2]) is is_shown


def test_what_is_applied_may_be_replayed_any_number_of_times(support):
    event(state="applied")

    for _time in range(2):
        support.post(f"{URL}evt_one/replay/")
        with platform_scope(reason="test"):
            WebhookEvent.objects.update(state="applied")

    assert [act for act, *_rest in trail()] == ["webhook.replayed", "webhook.replayed"]


def test_an_event_whose_body_is_gone_says_so(admin):
    event(payload=None, state="applied")

    assert "It is not kept any more" in text_of(admin.get(f"{URL}evt_one/"))


def test_what_was_given_up_is_replayed_after_a_question(support):
    given_up()

    question = text_of(support.get(f"{URL}evt_dead/replay/"))
    answer = support.post(f"{URL}evt_dead/replay/")

    assert "Replay “customer.updated”" in question
    assert (answer.status_code, answer["Location"]) == (303, f"{URL}evt_dead/")
    with platform_scope(reason="test"):
        jobs = OutboxMessage.objects.filter(key__startswith="webhook:evt_dead").order_by("pk")
        assert sorted(jobs.values_list("key", "state")) == [
            ("webhook:evt_dead:1", MessageState.CANCELLED),
            ("webhook:evt_dead:2", MessageState.PENDING),
        ]


def test_what_waits_is_not_replayed(support):
    event()

    answer = support.post(f"{URL}evt_one/replay/")

    assert answer.status_code == 303
    assert trail() == []


def test_all_that_is_stuck_is_replayed_after_a_question_that_says_how_much(support, settings):
    settings.STRIPE_SECRET_KEY = ""
    given_up()
    event("evt_stranger", state="quarantined", reason="nobodys")
    event("evt_applied", state="applied")

    question = text_of(support.get(f"{URL}replay/"))
    support.post(f"{URL}replay/")

    assert "2 events that were given up or are in quarantine" in question
    assert [state_of(name) for name in ("evt_dead", "evt_stranger", "evt_applied")] == ["waiting", "waiting", "applied"]


@pytest.mark.parametrize(("act", "allowed"), [("replay", {"admin", "support"}), ("aside", {"admin"})])
@pytest.mark.parametrize("who", ["admin", "support", "auditor", "owner"])
def test_an_act_is_for_those_who_may(request, who, act, allowed):
    event("evt_stranger", state="quarantined", reason="nobodys")

    answer = request.getfixturevalue(who).post(f"{URL}evt_stranger/{act}/")

    assert answer.status_code == (303 if who in allowed else 403)
    assert bool(trail()) == (who in allowed)


def test_an_event_that_is_not_there_is_not_found(admin):
    assert admin.get(f"{URL}evt_none/").status_code == 404


def test_rounds_say_what_was_found_repaired_and_what_failed(admin):
    now = timezone.now()
    with platform_scope(reason="test"):
        ReconcileRound.objects.create(
            slot_at=now, listed=41, found=2, repaired={"billing": 3}, errors={"catalogue": "Away: no answer"}, finished_at=now
        )

    page = text_of(admin.get(URL))

    assert "41" in page
    assert 'billing: <span class="num">3</span>' in page
    assert "Away: no answer" in page


def test_an_inbox_without_anything_says_how_it_gets_something(admin):
    page = text_of(admin.get(URL))

    assert "Stripe has told nothing yet" in page
    assert "Nothing was compared yet" in page
