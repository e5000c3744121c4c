"""What comes in at the address: kept once and answered at once, or refused with nothing kept."""

from __future__ import annotations

import json

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.stripe.webhooks import signature_of
from kernel import clock
from kernel.actor import Actor
from kernel.outbox.models import OutboxMessage
from shared_apps.webhook_inbox.selectors import refusal_counts
from shared_apps.webhook_inbox.services import register_accounts, release_quarantined
from shared_apps.webhook_inbox.types import COUNTED, LONGEST_BODY_BYTES
from tenants.scope import owner_scope, platform_scope
from tests.webhook_inbox.rig import OTHER_SECRET, SECRET, URL, events, job_states, post, states, work

pytestmark = [pytest.mark.django_db, pytest.mark.proves("faults.webhooks")]


def counted() -> dict[str, int]:
    codes = {label: code for code, label in COUNTED.items()}
    with platform_scope(reason="test"):
        viewer = Actor.operator(user_id=1, label="x", capabilities=frozenset({"outbox.view"}))
        return {codes[label]: count for label, count in refusal_counts(viewer)}


def signed(body: bytes, secret: str = SECRET, *, seconds_ago: int = 0) -> str:
    moment = int(clock.now().timestamp()) - seconds_ago
    return f"t={moment},v1={signature_of(body, secret, signed_at=moment)}"


def test_an_event_is_kept_with_its_job_and_answered(rig):
    customer_id = rig.customer()
    (webhook,) = rig.sent()

    answer = post(webhook)

    (event,) = events()
    assert (answer.status_code, answer.text) == (200, "ok")
    assert (event.event_id, event.type, event.state) == (webhook.event_id, "customer.created", "waiting")
    assert (event.kind, event.object_id, event.customer_id) == ("customer", customer_id, customer_id)
    assert job_states() == ["pending"]
    assert rig.looks == []


def test_the_answer_costs_one_statement_and_so_does_the_second_time(rig):
    rig.customer()
    (webhook,) = rig.sent()
    post(webhook)
    rig.customer()
    (other,) = rig.sent()

    costs = []
    for one in (other, webhook):
        with CaptureQueriesContext(connection) as asked:
            post(one)
        costs.append([q["sql"].split()[0] for q in asked])

    assert costs == [["WITH"], ["WITH"]]


def test_neither_cookie_nor_token_nor_session_is_asked_for_or_given(rig):
    rig.customer()
    (webhook,) = rig.sent()

    answer = post(webhook, client=Client(enforce_csrf_checks=True))

    assert answer.status_code == 200
    assert not answer.cookies


def test_the_same_event_again_is_answered_and_changes_nothing(rig):
    rig.customer()
    (webhook,) = rig.sent()

    answers = [post(webhook).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert len(events()) == 1
    assert job_states() == ["pending"]
    assert counted() == {"duplicate": 2}


@pytest.mark.control
def test_without_the_constraint_it_would_be_kept_again(rig):
    with owner_scope(reason="negative control"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE webhook_inbox_webhookevent DROP CONSTRAINT webhook_event_once")
    rig.customer()
    (webhook,) = rig.sent()

    post(webhook)
    post(webhook)

    assert len(events()) == 2


def forged(webhook) -> dict[str, object]:
    return {"signature": signed(webhook.body, "whsec_somebody_elses")}


def stale(webhook) -> dict[str, object]:
    return {"signature": signed(webhook.body, seconds_ago=301)}


def unsigned(_webhook) -> dict[str, object]:
    return {"signature": ""}


def reserialised(webhook) -> dict[str, object]:
    return {"body": json.dumps(json.loads(webhook.body)).encode()}


def altered(webhook) -> dict[str, object]:
    return {"body": webhook.body.replace(b"Ada", b"Eve")}


def no_event(_webhook) -> dict[str, object]:
    return {"body": b'{"object": "list"}', "signature": signed(b'{"object": "list"}')}


def too_large(webhook) -> dict[str, object]:
    body = webhook.body + b" " * LONGEST_BODY_BYTES
    return {"body": body, "signature": signed(body)}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (forged, 400, "webhook_forged"),
        (stale, 400, "webhook_stale"),
        (unsigned, 400, "webhook_bad_header"),
        (reserialised, 400, "webhook_forged"),
        (altered, 400, "webhook_forged"),
        (no_event, 400, "webhook_no_event"),
        (too_large, 413, "webhook_too_large"),
    ],
)
def test_what_is_not_from_stripe_leaves_a_count_and_nothing_else(rig, change, status, code):
    rig.customer()
    (webhook,) = rig.sent()

    answer = post(webhook, **change(webhook))

    assert (answer.status_code, answer.text) == (status, code)
    assert events() == []
    with platform_scope(reason="test"):
        assert not OutboxMessage.objects.exists()
    assert counted() == {code: 1}


@pytest.mark.control
def test_with_the_signature_as_it_was_sent_the_same_would_count(rig):
    rig.customer()
    (webhook,) = rig.sent()

    assert post(webhook).status_code == 200
    assert len(events()) == 1


def test_while_the_secret_is_rotated_each_of_both_is_believed_and_nothing_is_lost(rig, settings):
    """F07."""
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET, OTHER_SECRET]
    answers = []
    for secrets in ([SECRET], [SECRET, OTHER_SECRET], [OTHER_SECRET]):
        rig.outgoing.secrets = secrets
        rig.customer()
        answers += [post(webhook).status_code for webhook in rig.sent()]
    settings.STRIPE_WEBHOOK_SECRETS = [OTHER_SECRET]
    rig.outgoing.secrets = [SECRET]
    rig.customer()
    late = [post(webhook).status_code for webhook in rig.sent()]

    work()

    assert answers == [200, 200, 200]
    assert late == [400]
    assert set(states().values()) == {"applied"}
    assert len(rig.book) == 3


def test_without_redis_a_refusal_is_still_a_refusal(rig, settings):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    rig.customer()
    (webhook,) = rig.sent()

    assert post(webhook, signature="").status_code == 400
    assert post(webhook).status_code == 200
    assert counted() == {}


def test_only_the_platforms_host_has_the_address_and_only_for_sending(rig, alpha, platform_client):
    rig.customer()
    (webhook,) = rig.sent()

    there = post(webhook, host=alpha.primary_host)

    assert there.status_code == 404
    assert platform_client.get(URL).status_code == 405
    assert events() == []


def test_an_event_of_a_kind_that_nobody_wants_is_kept_as_ignored(rig):
    rig.gateway.products.create(name="Hall", metadata={}, idempotency_key=rig.key())

    rig.take_in(*rig.sent())

    assert set(states().values()) == {"ignored"}
    assert job_states() == []


def test_what_belongs_to_a_customer_makes_us_look_at_the_customer(rig):
    customer_id = rig.customer()
    rig.take_in(*rig.sent())
    rig.gateway.customers.add_tax_id(customer_id, kind="eu_vat", value="DE123456789", idempotency_key=rig.key())

    rig.take_in(*rig.sent())

    assert {(event.kind, event.object_id) for event in events()} == {("customer", customer_id)}
    assert "customer.tax_id.created" in {event.type for event in events()}


def _of_account(webhook) -> dict[str, object]:
    body = json.dumps(json.loads(webhook.body) | {"account": "acct_stranger"}).encode()
    return {"body": body, "signature": signed(body)}


def test_a_connected_account_of_nobody_is_in_quarantine_until_somebody_has_it(rig):
    looked = []
    rig.customer()
    (webhook,) = rig.sent()

    assert post(webhook, **_of_account(webhook)).status_code == 200
    work()

    (event,) = events()
    assert (event.state, event.reason) == ("quarantined", "account")
    assert rig.looks == []
    register_accounts(knows=lambda account_id: account_id == "acct_stranger", apply=lambda *seen: looked.append(seen))
    with platform_scope(reason="test"):
        assert release_quarantined(account_id="acct_stranger") == 1
    work()
    assert looked == [("acct_stranger", "customer", event.object_id)]
    assert set(states().values()) == {"applied"}


def test_an_event_of_the_other_mode_is_in_quarantine(rig):
    rig.customer()
    (webhook,) = rig.sent()
    body = webhook.body.replace(b'"livemode": false', b'"livemode": true')

    post(webhook, body=body, signature=signed(body))

    assert [(event.state, event.reason) for event in events()] == [("quarantined", "mode")]


def test_secrets_and_addresses_that_open_something_are_not_kept_and_odd_letters_do_no_harm(rig):
    event = {
        "id": "evt_1", "object": "event", "created": 1_780_000_000, "livemode": False, "type": "customer.updated",
        "data": {"object": {
            "id": "cus_1", "object": "customer", "name": "A\x00\ud800da", "client_secret": "seti_1_secret_2",
            "latest": {"hosted_invoice_url": "https://pay.example/x", "keep": ["this"]},
        }},
    }  # fmt: skip
    body = json.dumps(event).encode()

    with time_machine.travel(1_780_000_000, tick=False):
        answer = post(None, body=body, signature=signed(body))

    (kept,) = events()
    assert answer.status_code == 200
    assert kept.payload["client_secret"] == "[secret]"
    assert kept.payload["latest"] == {"hosted_invoice_url": "[secret]", "keep": ["this"]}
    assert kept.payload["name"] == "A\ufffd\ufffdda"
