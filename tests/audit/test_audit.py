"""The audit trail is added to and read, never changed."""

from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from kernel.actor import Actor
from kernel.errors import PermissionDenied
from shared_apps.audit.models import AuditEntry
from shared_apps.audit.selectors import entries_for
from shared_apps.audit.services import record
from tenants.scope import owner_scope

pytestmark = pytest.mark.usefixtures("in_platform")

READER = Actor.operator(user_id=1, label="op@stoa.example", capabilities=frozenset({"audit.view"}))
TENANT = UUID("01900000-0000-7000-8000-00000000000a")


def note(action: str = "tenant.suspended", tenant_id: UUID | None = TENANT) -> None:
    record(
        action=action,
        actor_label="op@stoa.example",
        actor_kind="operator",
        tenant_id=tenant_id,
        target="alpha",
        reason="unpaid",
        data={"days": 30},
    )


def test_an_entry_says_who_did_what_and_why():
    note()

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_label, entry.actor_kind) == ("tenant.suspended", "op@stoa.example", "operator")
    assert (entry.tenant_id, entry.target, entry.reason, entry.data) == (TENANT, "alpha", "unpaid", {"days": 30})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET reason = 'none'",
        "DELETE FROM audit_auditentry",
        "TRUNCATE audit_auditentry",
    ],
)
def test_the_database_refuses_to_change_an_entry(statement):
    note()

    with owner_scope(reason="test"), pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)

    assert AuditEntry.objects.get().reason == "unpaid"


def test_without_the_trigger_it_would_be_changed():
    """Negative control."""
    note()

    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_append_only ON audit_auditentry")
        cursor.execute("DROP TRIGGER audit_stubs_only ON audit_auditentry")
        cursor.execute("UPDATE audit_auditentry SET reason = 'none'")

    assert AuditEntry.objects.get().reason == "none"


def test_entries_are_read_newest_first_page_by_page():
    for number in range(5):
        note(f"act.{number}")

    first = entries_for(READER, limit=2)
    second = entries_for(READER, limit=2, before=first.next_cursor)
    third = entries_for(READER, limit=2, before=second.next_cursor)

    read = [[entry.action for entry in page.entries] for page in (first, second, third)]
    assert read == [["act.4", "act.3"], ["act.2", "act.1"], ["act.0"]]
    assert third.next_cursor is None


def test_a_page_that_is_just_full_is_the_last():
    for number in range(2):
        note(f"act.{number}")

    assert entries_for(READER, limit=2).next_cursor is None


def test_entries_are_narrowed_by_tenant_and_action():
    note("tenant.suspended")
    note("tenant.suspended", tenant_id=None)
    note("plan.changed")

    assert [entry.action for entry in entries_for(READER, tenant_id=TENANT, action="plan.changed").entries] == ["plan.changed"]
    assert len(entries_for(READER, tenant_id=TENANT).entries) == 2


def test_only_who_may_read_it_reads_it():
    with pytest.raises(PermissionDenied):
        entries_for(Actor.guest())
