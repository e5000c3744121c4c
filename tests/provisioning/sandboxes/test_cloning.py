"""A sandbox of a marketplace: the same rows under the same ids, without customers' names, at an address of its own."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from provisioning.archives.contents import CARRIED
from provisioning.errors import RunNotReady
from provisioning.models import Run
from provisioning.saga.engine import advance, advance_to_end
from provisioning.sandboxes.errors import NoSandbox, NotConfirmed, SandboxOfSandbox
from provisioning.sandboxes.ordering import order_sandbox, remove_sandbox
from provisioning.sandboxes.personal import IMPERSONAL, PERSONAL
from provisioning.sandboxes.selectors import making_of, sandbox_of
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import ensure_template
from provisioning.services import undo_run
from provisioning.steps import loading
from provisioning.types import RunKind, RunState
from shared_apps.accounts.models import User
from shared_apps.archives.handlers import take_snapshot_of_tenant
from shared_apps.archives.jobs import TakeSnapshot
from shared_apps.archives.models import Archive
from shared_apps.console.catalogue import plan_rows
from shared_apps.domains.errors import SandboxHasNoDomains
from shared_apps.domains.services import claim_domain
from shared_apps.entry.models import Ownership
from shared_apps.site.selectors import stalls
from tenant_apps.bookings.models import Booking
from tenant_apps.members.models import Invitation
from tenant_apps.notifications.models import SentMail
from tenants.models import Domain, ReservedName, Tenant
from tenants.schemas import schema_for
from tenants.scope import platform_scope, tenant_scope
from tenants.suspending import suspend_tenant
from tenants.types import PaymentsMode
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.importing import everything, files_of, rows
from tests.provisioning.organizations import SYSTEM, again, steps_of
from tests.provisioning.sandboxes.making import OWNER, cloned, failure_of, fresh

pytestmark = pytest.mark.usefixtures("silent")

_WORDS = ("text", "character varying", "citext", "jsonb", "json", "character")


def test_a_sandbox_is_the_marketplace_under_its_own_ids_at_an_address_of_its_own(market):
    sandbox = cloned(market)

    assert (sandbox.slug, sandbox.primary_host, sandbox.name) == ("alpha-sandbox", "alpha-sandbox.localhost", market.name)
    assert (sandbox.sandbox_of, sandbox.sandbox_of_name, sandbox.is_sandbox) == (ALPHA_ID, market.name, True)
    assert sandbox.id != market.id
    assert sandbox.storage_prefix != market.storage_prefix
    for table in sorted(CARRIED - PERSONAL.keys()):
        assert rows(sandbox.schema, table) == rows(market.schema, table), table
    assert {table: len(rows(sandbox.schema, table)) for table in CARRIED} == {
        table: len(rows(market.schema, table)) for table in CARRIED
    }
    assert read_catalog(sandbox.schema).fingerprint == ensure_template().fingerprint
    assert files_of(sandbox) == files_of(market)


def test_it_takes_no_domain_along_and_gets_none(market):
    with platform_scope(reason="test"):
        Domain.objects.create(tenant_id=ALPHA_ID, host="book.acme-cleaning.com", state="live")

    sandbox = cloned(market)

    with platform_scope(reason="test"):
        hosts = list(Domain.objects.filter(tenant_id=sandbox.id).values_list("host", flat=True))
        Domain.objects.filter(host="book.acme-cleaning.com").delete()
    assert hosts == ["alpha-sandbox.localhost"]
    with pytest.raises(SandboxHasNoDomains):
        claim_domain(actor=SYSTEM, tenant_id=sandbox.id, host="book.acme-cleaning.com")


def test_it_may_what_its_marketplace_may_and_is_on_no_trial_of_its_own(market):
    sandbox = cloned(market)

    with platform_scope(reason="test"):
        facts = ("plan_code", "entitlements", "trial_ends_at", "locale", "currency", "time_zone")
        there, here = (Tenant.objects.values(*facts).get(pk=pk) for pk in (market.id, sandbox.id))
    assert here == there


def test_payments_are_tests_in_a_sandbox_and_real_beside_it(market):
    sandbox = cloned(market)

    assert (sandbox.payments_mode, market.payments_mode) == (PaymentsMode.TEST, PaymentsMode.LIVE)


def test_the_owners_walk_in_from_the_platform_as_whom_they_are(market):
    sandbox = cloned(market)

    with platform_scope(reason="test"):
        ways = set(Ownership.objects.filter(tenant_id=sandbox.id).values_list("user__email", "member_id"))
    assert ways == {(NAMES.email(who), NAMES.uuid(f"u{who}")) for who in ("owner", "owner-alpha", "owner-beta")}


def test_no_customer_is_in_it_and_everybody_of_the_team_is(market):
    given = _customer(market)

    sandbox = cloned(market)

    _forget(market, given)
    dump = repr([rows(sandbox.schema, table) for table in sorted(CARRIED)]).lower()
    for word in ("carla", "quintero", "carla.quintero@mail.example", "+34600111222", "allergic to cats", "moved to lugo"):
        assert word not in dump, word
    with tenant_scope(sandbox):
        team = User.objects.get(email=NAMES.email("owner"))
        customer = User.objects.get(public_id=given)
    assert team.first_name
    assert customer.email.endswith("@customer.invalid")
    assert (customer.first_name, customer.phone) != ("Carla", "+34600111222")


def test_a_customer_is_the_same_person_in_every_table_of_the_sandbox(market):
    given = _customer(market)

    sandbox = cloned(market)

    _forget(market, given)
    with tenant_scope(sandbox):
        person = User.objects.get(public_id=given)
        booked = set(Booking.objects.filter(customer=person).values_list("email", "last_name", "first_name", "note"))
        invited = Invitation.objects.get(public_id=given).email
        written = SentMail.objects.get(key=f"test:{given}")
    assert booked == {(person.email, person.last_name, "Customer", "(Left out of the sandbox.)")}
    assert (invited, written.to) == (person.email, person.email)
    assert "carla" not in written.subject.lower()


@pytest.mark.control
def test_the_search_for_customers_finds_one_who_was_carried_along(market, monkeypatch):
    """Negative control: with the notes' replacement taken away."""
    given = _customer(market)
    monkeypatch.setitem(PERSONAL, "bookings_booking", {})

    sandbox = cloned(market)

    _forget(market, given)
    assert "allergic to cats" in repr(rows(sandbox.schema, "bookings_booking")).lower()


def test_every_column_of_words_is_replaced_or_named_as_no_customer_s(market):
    words = _columns_of_words(market.schema)

    named = {(table, name) for table, columns in PERSONAL.items() for name in columns}
    kept = {(table, name) for table, columns in IMPERSONAL.items() for name in columns}
    assert words == named | kept, "Say in provisioning/sandboxes/personal.py whether this could be a customer's."
    assert not named & kept


def test_a_sandbox_of_a_sandbox_is_refused(market):
    sandbox = cloned(market)

    with pytest.raises(SandboxOfSandbox):
        order_sandbox(actor=OWNER, tenant_id=sandbox.id)

    with platform_scope(reason="test"):
        assert Run.objects.filter(kind=RunKind.CLONE_ORGANIZATION).count() == 1


def test_whoever_asks_while_one_is_made_gets_the_same(market):
    first = order_sandbox(actor=OWNER, tenant_id=market.id)

    assert order_sandbox(actor=OWNER, tenant_id=market.id).pk == first.pk


def test_a_fresh_one_comes_in_the_place_of_the_old_when_its_name_was_typed(market):
    old = cloned(market)
    with pytest.raises(NotConfirmed):
        order_sandbox(actor=OWNER, tenant_id=market.id, confirmed_name="alpha")

    run = order_sandbox(actor=OWNER, tenant_id=market.id, confirmed_name="alpha-sandbox")
    _carry_on_both(run, old.id)

    now = fresh(again(run).tenant_id)
    assert (now.slug, now.primary_host) == (old.slug, old.primary_host)
    assert now.id != old.id
    with platform_scope(reason="test"):
        assert list(Tenant.objects.filter(sandbox_of_id=market.id).values_list("pk", flat=True)) == [now.id]


def test_removed_it_is_gone_and_its_name_stays_its_marketplace_s(market):
    sandbox = cloned(market)
    before = everything(schema_for(ALPHA_ID))

    remove_sandbox(actor=OWNER, tenant_id=market.id, confirmed_name="alpha-sandbox")
    making = making_of(sandbox.id)
    assert making is not None
    assert advance_to_end(making.pk) == RunState.UNDONE, failure_of(making)

    assert sandbox_of(market.id) is None
    assert files_of_prefix_is_empty(sandbox.storage_prefix)
    assert everything(schema_for(ALPHA_ID)) == before
    with platform_scope(reason="test"):
        assert ReservedName.objects.filter(slug="alpha-sandbox").exists()
        assert not Domain.objects.filter(host="alpha-sandbox.localhost").exists()
    with pytest.raises(NoSandbox):
        remove_sandbox(actor=OWNER, tenant_id=market.id, confirmed_name="alpha-sandbox")


def test_nothing_is_removed_by_another_name(market):
    cloned(market)

    with pytest.raises(NotConfirmed):
        remove_sandbox(actor=OWNER, tenant_id=market.id, confirmed_name="alpha")

    assert sandbox_of(market.id) is not None


def test_a_name_that_somebody_has_is_passed_over(market):
    with platform_scope(reason="test"):
        ReservedName.objects.create(slug="alpha-sandbox", holder=uuid4())

    sandbox = cloned(market)

    assert sandbox.slug == "alpha-sandbox-2"


def test_a_suspended_marketplace_gets_no_sandbox(market):
    from kernel.errors import Conflict

    suspend_tenant(actor=SYSTEM, tenant_id=BETA_ID)

    with pytest.raises(Conflict):
        order_sandbox(actor=OWNER, tenant_id=BETA_ID)

    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(status="active")


def test_a_worker_that_dies_while_rows_are_loaded_is_followed_by_one_who_ends_it(market, monkeypatch):
    run = order_sandbox(actor=OWNER, tenant_id=market.id)
    copy_into, calls = loading.copy_into, []

    def dies(*arguments):
        calls.append(arguments[1])
        if len(calls) == 3:
            raise KeyboardInterrupt
        copy_into(*arguments)

    monkeypatch.setattr(loading, "copy_into", dies)
    with pytest.raises(KeyboardInterrupt):
        advance(run.pk)
    _end_leases(run)

    monkeypatch.setattr(loading, "copy_into", copy_into)
    assert advance(run.pk) == RunState.DONE, failure_of(run)

    sandbox = fresh(again(run).tenant_id)
    assert {table: len(rows(sandbox.schema, table)) for table in CARRIED} == {
        table: len(rows(market.schema, table)) for table in CARRIED
    }
    assert {state for _name, state, _attempt in steps_of(run)} == {"done"}


def test_a_marketplace_is_not_taken_away_before_its_sandbox(shop):
    cloned(shop)
    with platform_scope(reason="test"):
        made = Run.objects.get(tenant_id=shop.id, kind=RunKind.CREATE_ORGANIZATION)

    with pytest.raises(RunNotReady):
        undo_run(actor=SYSTEM, run_id=made.public_id, confirmed_name="acme")

    assert fresh(shop.id).status == "active"


def test_the_command_makes_one_and_says_whose_it_is(market, capsys):
    with platform_scope(reason="test"):
        call_command("tenant", "clone", "alpha")

    told = capsys.readouterr().out
    assert "alpha-sandbox.localhost" in told
    assert re.search(r"sandbox of\s+alpha", told)
    with platform_scope(reason="test"), pytest.raises(CommandError, match="Type “alpha-sandbox”"):
        call_command("tenant", "clone", "alpha")


def test_it_counts_for_no_plan_is_no_sample_and_has_no_nightly_snapshot(market, settings):
    settings.NIGHTLY_SNAPSHOTS = True
    with platform_scope(reason="test"):
        before = {row.plan.code: row.tenant_count for row in plan_rows(SYSTEM)}

    sandbox = cloned(market)

    with platform_scope(reason="test"):
        assert {row.plan.code: row.tenant_count for row in plan_rows(SYSTEM)} == before
        Tenant.objects.filter(pk=sandbox.id).update(content={"sample": True}, created_at="2026-01-01T00:00Z")
        assert sandbox.slug not in [stall.tenant.slug for stall in stalls()]
    with tenant_scope(sandbox):
        take_snapshot_of_tenant(TakeSnapshot())
    with platform_scope(reason="test"):
        assert not Archive.objects.filter(tenant_id=sandbox.id).exists()


def _end_leases(run: Run) -> None:
    with platform_scope(reason="test"):
        again(run).steps.filter(state="running").update(leased_until="2000-01-01T00:00Z")


def _carry_on_both(run: Run, old_id) -> None:
    """The new run waits for the old one's undoing, which other workers do."""
    advance(run.pk)
    making = making_of(old_id)
    assert making is not None
    assert advance_to_end(making.pk) == RunState.UNDONE, failure_of(making)
    assert advance_to_end(run.pk) == RunState.DONE, failure_of(run)


def _customer(market):
    """Carla, who has an account, a booking, an open invitation and a letter."""
    public_id = uuid4()
    with tenant_scope(market):
        carla = User.objects.create(
            public_id=public_id,
            email="Carla.Quintero@mail.example".lower(),
            first_name="Carla",
            last_name="Quintero",
            phone="+34600111222",
        )
        known = {"first_name": "Carla", "last_name": "Quintero", "email": carla.email, "phone": "+34600111222"}
        words = {"note": "Allergic to cats", "closed_reason": "Moved to Lugo"}
        booked = Booking.objects.filter(public_id=NAMES.uuid("conf")).update(customer=carla, **known, **words)
        assert booked == 1
        Invitation.objects.create(
            public_id=public_id, email=carla.email, name="Carla", role="provider", expires_at="2027-01-01T00:00Z"
        )
        SentMail.objects.create(
            key=f"test:{public_id}", template="test", to=carla.email, subject="Hello Carla", claimed_at="2026-11-01T00:00Z"
        )
    return public_id


def _forget(market, public_id) -> None:
    with tenant_scope(market):
        Booking.objects.filter(customer__public_id=public_id).update(customer=None)
        Invitation.objects.filter(public_id=public_id).delete()
        SentMail.objects.filter(key=f"test:{public_id}").delete()
        User.objects.filter(public_id=public_id).delete()


def _columns_of_words(schema: str) -> set[tuple[str, str]]:
    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid"
            " WHERE n.nspname = %s AND c.relname = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped"
            " AND format_type(t.oid, NULL) = ANY(%s)",
            [schema, sorted(CARRIED), list(_WORDS)],
        )
        return set(cursor.fetchall())


def files_of_prefix_is_empty(prefix: str) -> bool:
    from pathlib import Path

    from django.conf import settings

    return not any(path.is_file() and prefix in str(path) for path in Path(settings.MEDIA_ROOT).rglob("*"))
