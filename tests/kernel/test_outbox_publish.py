"""An event is in the outbox exactly when the change it tells of is in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction

from kernel.events import Event, NotInTransaction, publish
from kernel.outbox.models import MessageState, OutboxMessage
from tenants.errors import NoTenant
from tenants.scope import platform_scope, tenant_scope
from tests.kernel import samples
from tests.kernel.samples import KettleBoiled, KettleBroke, NobodyCares

pytestmark = pytest.mark.usefixtures("committed", "wired")

KETTLE = UUID("019a3f5e-7c00-7000-8000-000000000001")
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def waiting() -> list[OutboxMessage]:
    with platform_scope(reason="test"):
        return list(OutboxMessage.objects.order_by("pk"))


def publish_and_fail(event: Event) -> None:
    with transaction.atomic():
        publish(event)
        raise ZeroDivisionError


@time_machine.travel(NOON, tick=False)
def test_a_published_event_waits_for_its_handler_in_the_name_of_its_tenant(tenant) -> None:
    with tenant_scope(tenant), transaction.atomic():
        publish(KettleBoiled(KETTLE, NOON, cups=2))

    (message,) = waiting()
    assert message.tenant_id == tenant.id
    assert message.event_type == "samples.kettle_boiled.v1"
    assert message.handler == "tests.kernel.samples.pour_tea"
    assert message.payload == {"kettle_id": str(KETTLE), "boiled_at": "2026-06-01T12:00:00+00:00", "cups": 2}
    assert (message.state, message.attempts, message.lease_token) == (MessageState.PENDING, 0, 0)
    assert (message.created_at, message.available_at) == (NOON, NOON)


def test_an_event_of_the_platform_has_no_tenant() -> None:
    with transaction.atomic():
        publish(KettleBoiled(KETTLE, NOON))

    assert [message.tenant_id for message in waiting()] == [None]


def test_each_handler_gets_a_message_of_its_own() -> None:
    with transaction.atomic():
        publish(KettleBroke(KETTLE))

    handlers = [message.handler.rpartition(".")[2] for message in waiting()]
    assert handlers == ["pour_tea", "call_the_plumber"]


def test_an_event_without_handlers_leaves_nothing() -> None:
    with transaction.atomic():
        publish(NobodyCares())

    assert waiting() == []
    assert samples.rung == []


def test_the_doorbell_rings_after_the_commit_and_not_before() -> None:
    with transaction.atomic():
        publish(KettleBroke(KETTLE))
        assert samples.rung == []

    assert samples.rung == [message.pk for message in waiting()]


def test_publishing_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NotInTransaction, match="kettle_boiled"):
        publish(KettleBoiled(KETTLE, NOON))

    assert waiting() == []


def test_publishing_outside_any_scope_is_refused() -> None:
    from tenants import scope

    token = scope._scope.set(None)
    try:
        with pytest.raises(NoTenant), transaction.atomic():
            publish(KettleBoiled(KETTLE, NOON))
    finally:
        scope._scope.reset(token)

    assert waiting() == []


def test_a_rollback_leaves_no_message_and_rings_nobody() -> None:
    with pytest.raises(ZeroDivisionError):
        publish_and_fail(KettleBoiled(KETTLE, NOON))

    assert waiting() == []
    assert samples.rung == []


def test_a_rollback_to_a_savepoint_takes_its_events_with_it_and_leaves_the_others() -> None:
    with transaction.atomic():
        publish(KettleBoiled(KETTLE, NOON, cups=1))
        with pytest.raises(ZeroDivisionError):
            publish_and_fail(KettleBoiled(KETTLE, NOON, cups=2))

    (message,) = waiting()
    assert message.payload["cups"] == 1
    assert samples.rung == [message.pk]


def test_an_event_that_cannot_be_stored_stops_the_change_it_tells_of() -> None:
    with pytest.raises(TypeError), transaction.atomic():
        publish(KettleBoiled(KETTLE, NOON, cups=1.5))  # type: ignore[arg-type]

    assert waiting() == []


def test_a_broken_doorbell_does_not_undo_the_change(settings) -> None:
    settings.OUTBOX_DOORBELL = "tests.kernel.samples.there_is_no_such_bell"

    with transaction.atomic():
        publish(KettleBoiled(KETTLE, NOON))

    assert len(waiting()) == 1


def test_publishing_needs_no_public_schema_on_the_path(tenant) -> None:
    with tenant_scope(tenant), transaction.atomic():
        publish(KettleBoiled(KETTLE, NOON))
        with connection.cursor() as cursor:
            cursor.execute("SHOW search_path")
            (path,) = cursor.fetchone()

    assert "public" not in path
    assert len(waiting()) == 1
