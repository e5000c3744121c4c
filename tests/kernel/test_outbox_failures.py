"""What becomes of a message by the reason for which it was not handled: tried again, parked, cancelled, or given up."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from kernel import clock
from kernel.errors import NotServedNow, PermanentFailure, TemporaryFailure
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import Outcome, deliver
from tests.kernel import samples
from tests.kernel.outbox_messages import again, fail, published

pytestmark = [pytest.mark.proves("faults.outbox"), pytest.mark.usefixtures("committed", "wired")]


def test_a_permanent_failure_is_not_tried_again() -> None:
    message = published()
    fail(PermanentFailure("the mailbox does not exist"))

    assert deliver(message.pk) is Outcome.DEAD
    assert again(message).last_error == "PermanentFailure: the mailbox does not exist"


def test_a_temporary_failure_outlives_the_patience_for_mistakes_and_waits_as_long_as_asked(settings) -> None:
    settings.OUTBOX_MAX_ATTEMPTS = 1
    message = published()
    fail(TemporaryFailure("429", retry_after_seconds=5000))

    outcome = deliver(message.pk)

    assert outcome is Outcome.RETRY
    assert again(message).available_at > clock.now() + timedelta(seconds=4900)


def test_a_message_whose_tenant_is_out_of_service_waits_for_weeks_and_spends_no_try() -> None:
    message = published()
    fail(NotServedNow("suspended"))
    began_at = clock.now()

    outcomes, visits, now = [], 0, began_at
    while now < began_at + timedelta(days=30):
        with time_machine.travel(now, tick=False):
            outcomes.append(deliver(message.pk))
        now, visits = again(message).available_at, visits + 1

    message = again(message)
    assert set(outcomes) == {Outcome.PARKED}
    assert (message.state, message.attempts) == (MessageState.PENDING, 0)
    assert message.last_error == "NotServedNow: suspended"
    # Hourly in the end, seldom enough for thousands of them.
    assert 600 < visits < 1000


def test_a_message_for_a_tenant_that_is_gone_is_cancelled_and_alarms_nobody(caplog) -> None:
    message = published()
    OutboxMessage.objects.update(tenant_id=uuid4())

    outcome = deliver(message.pk)

    message = again(message)
    assert (outcome, message.state) == (Outcome.CANCELLED, MessageState.CANCELLED)
    assert message.last_error.startswith("TenantGone")
    assert message.done_at is not None
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"event_type": "samples.of_the_future.v1"}, "EventFormatError"),
        ({"payload": {"kettle_id": "x"}}, "EventFormatError"),
        ({"handler": "tests.kernel.samples.of_the_future"}, "UnknownHandler"),
    ],
)
def test_what_this_version_of_the_code_does_not_know_waits_for_a_newer_one(change: dict[str, object], error: str) -> None:
    message = published()
    OutboxMessage.objects.update(**change)

    assert deliver(message.pk) is Outcome.RETRY
    assert again(message).last_error.startswith(error)
    assert samples.calls == []


@pytest.mark.parametrize(
    "handler", ["tests.kernel.samples.call_the_plumber", "os.abort"], ids=["of another event", "of nobody"]
)
def test_a_row_that_names_a_function_which_no_table_names_for_it_runs_nothing(handler) -> None:
    message = published()
    OutboxMessage.objects.update(handler=handler)

    assert deliver(message.pk) is Outcome.RETRY
    assert again(message).last_error.startswith("UnknownHandler")
    assert samples.calls == []
