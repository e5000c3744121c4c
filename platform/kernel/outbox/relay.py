"""Takes messages from the outbox to their handlers, at least once, whatever dies on the way.

Its own bookkeeping runs in the platform's scope, in transactions of a single step that are over before the handler begins.
The handler runs in its tenant's scope and opens its own. Every settlement names the lease it was made under: a worker that
was stopped for longer than its lease comes back to find that its word no longer counts.
"""

from __future__ import annotations

import json
import logging
import os
import random
import socket
import threading
from contextlib import AbstractContextManager
from enum import StrEnum
from functools import partial
from uuid import UUID

from kernel import clock, wiring
from kernel.errors import NoLongerWanted, NotServedNow, PermanentFailure
from kernel.jobs import Job, payload_text
from kernel.messages import Message
from kernel.origins import Origin, on_behalf_of
from kernel.outbox.books import bookkeeping, by_one_statement
from kernel.outbox.handlers import lease_seconds_of, load_event, load_handler, policy_for
from kernel.outbox.lease import Lease, LeaseLost, working_under
from kernel.outbox.leasing import lease_due
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.reach import in_each_reachable
from kernel.outbox.rules import delay_after_failure, delay_while_not_served
from kernel.outbox.watch import watched
from kernel.scrubbing import without_secrets

logger = logging.getLogger(__name__)

_LONGEST_ERROR = 1000
_dice = random.SystemRandom()


class TooLate(NoLongerWanted):
    """The job's deadline has passed before anybody came to it."""


class StandsStill(PermanentFailure):
    """A job's handler gave back the part that it was given: it would go on for ever."""


class Outcome(StrEnum):
    """What became of one delivery."""

    DONE = "done"
    GOES_ON = "goes_on"
    """A part of a job is done; the next waits for its turn."""
    RETRY = "retry"
    PARKED = "parked"
    """Its tenant is out of service: it waits without a try being spent."""
    DEAD = "dead"
    CANCELLED = "cancelled"
    """Whom or what it was for is gone."""
    LEASE_LOST = "lease_lost"
    """The handler ran, but too long: the message is somebody else's by now."""
    NOT_DUE = "not_due"
    """Another worker has it, it is settled, it waits for its time, or it never existed: a ring too many is harmless."""


def deliver(message_id: UUID, *, owner: str | None = None) -> Outcome:
    """Claim one message and run its handler. May be called any number of times: only a due message is claimed.

    Failures of the handler are recorded, not raised. Must not be called inside a transaction.
    """
    found = in_each_reachable(partial(_deliver_here, message_id, owner or own_name()))
    return next((outcome for outcome in found if outcome is not Outcome.NOT_DUE), Outcome.NOT_DUE)


def _deliver_here(message_id: UUID, owner: str) -> Outcome:
    message = OutboxMessage.objects.filter(pk=message_id)
    claimed = by_one_statement(lambda: lease_due(message, limit=1, owner=owner, now=clock.now()))
    return run(claimed[0]) if claimed else Outcome.NOT_DUE


def run(message: OutboxMessage) -> Outcome:
    """Run the handler of a `message` that this worker has claimed, and settle it, on behalf of whoever asked for it."""
    with _for_its_origin(message):
        return _run(message)


def _run(message: OutboxMessage) -> Outcome:
    try:
        rest = _handle(message)
    except LeaseLost:
        return _lease_lost(message)
    except NotServedNow as error:
        return _park(message, error)
    except NoLongerWanted as error:
        return _call_off(message, error)
    except Exception as error:
        logger.warning("outbox handler failed", extra=_about(message), exc_info=True)
        return _settle_failure(message, error)
    outcome = _settle_success(message) if rest is None else _go_on(message, rest)
    logger.info("outbox message handled", extra=_about(message) | {"outbox_outcome": outcome.value})
    return outcome


def own_name() -> str:
    """What this worker calls itself in a lease: host, process and thread."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def jitter() -> float:
    """A factor about 1."""
    return _dice.uniform(0.8, 1.2)


def _handle(message: OutboxMessage) -> dict[str, object] | None:
    """Run the handler in its scope; the payload of what is to follow, None when all is done."""
    handler, event = load_handler(message), load_event(message)
    if message.deadline_at is not None and clock.now() >= message.deadline_at:
        raise TooLate(f"nobody came to it before {message.deadline_at.isoformat()}")
    lease, reason = Lease(message.pk, message.lease_token), f"outbox: {message.event_type}"
    with watched(lease_seconds_of(message)), wiring.enter_scope(message.tenant_id, reason=reason), working_under(lease):
        return _rest_of(event, handler(event))


def _rest_of(event: Message, rest: object) -> dict[str, object] | None:
    """What the handler of a job gave back to follow, as it is stored. Events' handlers give back whatever they like."""
    if not (isinstance(event, Job) and isinstance(rest, type(event))):
        return None
    if rest == event:
        raise StandsStill(f"{event.event_type} gave back what it was given")
    payload: dict[str, object] = json.loads(payload_text(rest))
    return payload


def _settle_success(message: OutboxMessage) -> Outcome:
    done = partial(_change, message, state=MessageState.DONE, done_at=clock.now(), last_error="")
    return Outcome.DONE if by_one_statement(done) else _lease_lost(message)


def _park(message: OutboxMessage, error: NotServedNow) -> Outcome:
    """Put it back as if nobody had come: its tenant's messages are woken when it is served again (`upkeep.wake`)."""
    now = clock.now()
    delay = delay_while_not_served(now - message.created_at, policy=policy_for(message), jitter=jitter())
    waiting = {
        "state": MessageState.PENDING,
        "attempts": message.attempts - 1,
        "available_at": now + delay,
        "is_parked": True,
    }
    return Outcome.PARKED if _settle(message, **waiting, last_error=_told(error)) else _lease_lost(message)


def _call_off(message: OutboxMessage, error: NoLongerWanted) -> Outcome:
    if not _settle(message, state=MessageState.CANCELLED, done_at=clock.now(), last_error=_told(error)):
        return _lease_lost(message)
    return Outcome.CANCELLED


def _go_on(message: OutboxMessage, rest: dict[str, object]) -> Outcome:
    # The deadline was for the beginning: a job that has begun is not left half done.
    after = {"payload": rest, "attempts": 0, "lost_leases": 0, "last_error": "", "deadline_at": None}
    if not _settle(message, state=MessageState.PENDING, available_at=clock.now(), **after):
        return _lease_lost(message)
    return Outcome.GOES_ON


def _settle_failure(message: OutboxMessage, error: Exception) -> Outcome:
    delay = delay_after_failure(error, message.attempts, policy=policy_for(message), jitter=jitter())
    last_error = _told(error)
    if delay is None:
        settled = _settle(message, state=MessageState.DEAD, last_error=last_error)
    else:
        settled = _settle(message, state=MessageState.PENDING, available_at=clock.now() + delay, last_error=last_error)
    if not settled:
        return _lease_lost(message)
    if delay is None:
        log_dead(message, last_error)
    return Outcome.RETRY if delay is not None else Outcome.DEAD


def _told(error: Exception) -> str:
    """What is kept of it, for people: an error's text often has the address or the answer that it came from."""
    return without_secrets(f"{type(error).__name__}: {error}")[:_LONGEST_ERROR]


def _settle(message: OutboxMessage, **changes: object) -> bool:
    """Apply `changes` if the lease under which `message` was claimed still holds; False if not."""
    with bookkeeping():
        return _change(message, **changes)


def _change(message: OutboxMessage, **changes: object) -> bool:
    held = OutboxMessage.objects.filter(pk=message.pk, state=MessageState.LEASED, lease_token=message.lease_token)
    return held.update(**changes) == 1


def _lease_lost(message: OutboxMessage) -> Outcome:
    logger.warning("outbox lease lost", extra=_about(message))
    return Outcome.LEASE_LOST


def log_dead(message: OutboxMessage, last_error: str) -> None:
    """Say loudly that nothing more will happen to `message` by itself: this line is what the operator's alert looks for."""
    with _for_its_origin(message):
        logger.error("outbox message is dead", extra=_about(message) | {"outbox_error": last_error})


def log_taken_back(message: OutboxMessage) -> None:
    """Say that a worker was lost over `message`, which gets another."""
    with _for_its_origin(message):
        logger.warning("outbox message taken back", extra=_about(message) | {"outbox_error": message.last_error})


def _for_its_origin(message: OutboxMessage) -> AbstractContextManager[None]:
    """Whoever rang or swept has an id in the log, too, and it is somebody else's."""
    return on_behalf_of(Origin(message.request_id, message.actor))


def _about(message: OutboxMessage) -> dict[str, object]:
    """What a line about `message` tells; `tenant` as every other line has it, though it is written outside of its scope."""
    about = {
        "outbox_message": str(message.pk),
        "outbox_event": message.event_type,
        "outbox_handler": message.handler,
        "outbox_attempts": message.attempts,
    }
    return about | {"tenant": str(message.tenant_id)} if message.tenant_id else about
