"""Only what Stripe has signed, just now, with a secret of ours, is an event."""

from __future__ import annotations

import json

import pytest
import stripe
import time_machine

from integrations.stripe import read_event
from integrations.stripe.errors import WebhookRefused
from integrations.stripe.fake.outgoing import Outgoing
from integrations.stripe.webhooks import signature_of

SECRET = "whsec_one"
MOMENT = 1_780_000_000


def body(**changes) -> bytes:
    event = {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": MOMENT,
        "livemode": False,
        "type": "invoice.paid",
        "data": {"object": {"id": "in_1", "object": "invoice", "status": "paid"}, "previous_attributes": {"status": "open"}},
    }
    return json.dumps(event | changes).encode()


def header(content: bytes, *secrets: str, at: int = MOMENT) -> str:
    return ",".join([f"t={at}", *(f"v1={signature_of(content, secret, signed_at=at)}" for secret in secrets)])


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(MOMENT, tick=False):
        yield


def refused(content: bytes, signature: str, *secrets: str) -> str:
    with pytest.raises(WebhookRefused) as refusal:
        read_event(content, signature, secrets or [SECRET])
    return refusal.value.code


def test_a_signed_event_is_read_with_what_it_is_about():
    content = body(account="acct_9")

    event = read_event(content, header(content, SECRET), [SECRET])

    assert (event.id, event.type, event.object_type, event.object_id) == ("evt_1", "invoice.paid", "invoice", "in_1")
    assert event.account_id == "acct_9"
    assert event.is_live is False
    assert event.created_at.timestamp() == MOMENT
    assert event.previous == {"status": "open"}


def test_the_library_signs_as_we_do():
    content = body()
    theirs = stripe.WebhookSignature.generate_signature_header(content.decode(), SECRET, timestamp=MOMENT)

    assert read_event(content, theirs, [SECRET]).id == "evt_1"


@pytest.mark.parametrize("secrets", [["whsec_new", SECRET], [SECRET, "whsec_new"], ["", SECRET]])
def test_while_a_secret_is_rotated_either_one_opens_it(secrets):
    content = body()

    assert read_event(content, header(content, SECRET), secrets).id == "evt_1"
    assert read_event(content, header(content, "whsec_other", SECRET), secrets).id == "evt_1"


def test_what_is_signed_by_somebody_else_is_forged():
    content = body()

    assert refused(content, header(content, "whsec_two")) == "webhook_forged"


def test_a_body_that_was_written_anew_is_forged_even_if_it_says_the_same():
    content = body()
    signature = header(content, SECRET)

    assert refused(json.dumps(json.loads(content), indent=1).encode(), signature) == "webhook_forged"


def test_the_time_is_signed_too():
    content = body()
    signature = header(content, SECRET, at=MOMENT - 600).replace(str(MOMENT - 600), str(MOMENT))

    assert refused(content, signature) == "webhook_forged"


@pytest.mark.parametrize(("seconds", "is_read"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_five_minutes_is_as_old_as_it_may_be(seconds, is_read):
    content = body()
    signature = header(content, SECRET, at=MOMENT - seconds)

    if is_read:
        assert read_event(content, signature, [SECRET]).id == "evt_1"
    else:
        assert refused(content, signature) == "webhook_stale"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "nonsense",
        "t=1",
        "v1=ab",
        "t=x,v1=ab",
        f"t={MOMENT},t={MOMENT},v1=ab",
        f"t={MOMENT}," + "v1=a," * 40,
        "t=9" + "9" * 40 + ",v1=a",
    ],
)
def test_a_header_that_makes_no_sense_is_told_from_a_forged_one(signature):
    assert refused(body(), signature) == "webhook_bad_header"


@pytest.mark.parametrize(
    "content", [b"no json", b"[]", b"{}", b'{"object": "event"}', body(object="v2.core.event"), body(data=None)]
)
def test_what_is_signed_and_no_event_is_refused(content):
    assert refused(content, header(content, SECRET)) == "webhook_no_event"


def test_without_a_secret_nothing_is_believed():
    content = body()

    assert refused(content, header(content, ""), "") == "webhook_no_secret"


def test_the_refusal_says_nothing_of_the_body_or_the_secret():
    content = body(id="evt_canary")

    with pytest.raises(WebhookRefused) as refusal:
        read_event(content, header(content, "whsec_two"), [SECRET])

    assert "canary" not in repr(refusal.value)
    assert SECRET not in repr(refusal.value)


def test_what_the_local_stripe_sends_is_read_with_both_secrets(world):
    world.customer()
    sent = Outgoing(world.local.store, ["whsec_old", "whsec_new"]).take()

    for secret in ("whsec_old", "whsec_new"):
        event = read_event(sent[0].body, sent[0].signature, [secret])
        assert event.type == "customer.created"
