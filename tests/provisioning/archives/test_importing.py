"""An organization from an archive: the same rows under the same ids, its files and looks, and no secret."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client

from kernel import clock
from provisioning.archives import snapshot
from provisioning.archives.contents import CARRIED, LEFT_BEHIND
from provisioning.archives.inbox import put_in, tidy_inbox
from provisioning.archives.services import import_organization
from provisioning.archives.writing import write_archive
from provisioning.errors import LeaseLost
from provisioning.files import files_below
from provisioning.models import Run, Step
from provisioning.saga.engine import advance
from provisioning.saga.leases import Lease
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import ensure_template
from provisioning.services import retry_run, undo_run
from provisioning.steps import importing
from provisioning.types import RunState, StepState
from shared_apps.accounts.models import User
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState
from shared_apps.entry.models import Ownership
from tenant_apps.catalog.models import Category
from tenants.context import TenantContext
from tenants.errors import SlugTaken
from tenants.hosts import context_for
from tenants.models import Domain, Tenant
from tenants.schemas import schema_for
from tenants.scope import platform_scope, schema_scope, tenant_scope
from tenants.types import DomainState
from tests.factories.market import make_category
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.forging import forged, listed, manifest_of
from tests.provisioning.organizations import SYSTEM, again, inventory, steps_of

pytestmark = pytest.mark.usefixtures("quiet")

STEPS = ["name", "archive", "schema", "rows", "files", "domain", "theme", "subscription", "claims", "owner", "announce"]


def _ordered(archive: bytes, slug: str = "gamma") -> Run:
    return import_organization(actor=SYSTEM, file=BytesIO(archive), slug=slug)


def _imported(archive: bytes, slug: str = "gamma") -> TenantContext:
    run = _ordered(archive, slug)
    assert advance(run.pk) == RunState.DONE, again(run).error
    return _tenant_of(run)


def _tenant_of(run: Run) -> TenantContext:
    tenant = context_for(again(run).tenant_id)
    assert tenant is not None
    return tenant


def _rows(schema: str, table: str, *, without: str = "") -> list[tuple[object, ...]]:
    with schema_scope(schema, reason="test"), connection.cursor() as cursor:
        cursor.execute(f'SELECT to_jsonb(t) - %s FROM "{table}" t ORDER BY to_jsonb(t)::text', [without])
        return cursor.fetchall()


def _files_of(tenant: TenantContext) -> dict[str, bytes]:
    with tenant_scope(tenant):
        return {name: _content_of(name) for name in files_below(default_storage)}


def _content_of(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


def _everything(schema: str) -> dict[str, object]:
    return {table: _rows(schema, table) for table in sorted(CARRIED | LEFT_BEHIND.keys())}


def _is_same_as_alpha(tenant: TenantContext) -> bool:
    counts = {table: len(_rows(tenant.schema, table)) for table in CARRIED}
    return (
        counts == {table: len(_rows(schema_for(ALPHA_ID), table)) for table in CARRIED}
        and read_catalog(tenant.schema).fingerprint == ensure_template().fingerprint
    )


def test_every_row_comes_back_under_its_own_id(written):
    tenant = _imported(written)

    for table in sorted(CARRIED):
        secret = {"accounts_user": "password", "bookings_booking": "hold_key"}.get(table, "")
        rows = _rows(tenant.schema, table, without=secret)
        assert rows == _rows(schema_for(ALPHA_ID), table, without=secret), table
        assert rows or table == "notifications_sentmail", f"{table} is empty: nothing is compared."


def test_the_schema_is_that_of_any_other_organization_when_its_rows_are_in(written):
    tenant = _imported(written)

    assert read_catalog(tenant.schema).differences(read_catalog(schema_for(ALPHA_ID))) == []


def test_all_steps_are_done_and_the_marketplace_answers_with_its_own_words_and_looks(written, market):
    run = _ordered(written)

    assert advance(run.pk) == RunState.DONE, again(run).error

    tenant = _tenant_of(run)
    assert [step[:2] for step in steps_of(run)] == [(name, StepState.DONE) for name in STEPS]
    assert (tenant.status, tenant.slug, tenant.name) == ("active", "gamma", market.name)
    assert (tenant.theme_package, tenant.theme_tokens["brand"]) == ("fresh", "#0f766e")
    assert (tenant.id, tenant.storage_prefix) != (market.id, market.storage_prefix)
    page = Client(headers={"host": "gamma.localhost"}).get("/")
    assert page.status_code == 200
    assert "Book somebody good" in page.text


def test_files_come_along_to_the_new_place(written, market):
    tenant = _imported(written)

    assert _files_of(tenant) == _files_of(market)
    assert len(_files_of(tenant)) > 3


def test_people_have_no_password_and_nothing_that_was_left_behind_is_there(written):
    tenant = _imported(written)

    with tenant_scope(tenant):
        assert not any(user.has_usable_password() for user in User.objects.all())
        assert User.objects.exists()
    for table in LEFT_BEHIND.keys() - {"django_migrations"}:
        assert _rows(tenant.schema, table) == [], table


def test_new_rows_count_on_behind_those_that_came(written):
    tenant = _imported(written)

    with tenant_scope(tenant):
        newest = Category.objects.order_by("-id").first()
        made = make_category()

    assert made.pk > newest.pk


def test_its_owners_may_walk_in_from_the_platform_as_whom_they_were(written):
    tenant = _imported(written)

    with platform_scope(reason="test"):
        ways = set(Ownership.objects.filter(tenant_id=tenant.id).values_list("user__email", "member_id"))
    assert ways == {(NAMES.email(who), NAMES.uuid(f"u{who}")) for who in ("owner", "owner-alpha", "owner-beta")}


def test_its_domains_are_only_asked_for_and_one_that_is_in_use_here_is_left_out(written):
    with platform_scope(reason="test"):
        Domain.objects.create(tenant_id=BETA_ID, host="in-use.acme-cleaning.com", state=DomainState.LIVE)

    tenant = _imported(
        forged(written, lambda manifest: manifest.update(domains=["book.acme-cleaning.com", "in-use.acme-cleaning.com"]))
    )

    with platform_scope(reason="test"):
        claims = list(CustomDomain.objects.filter(tenant_id=tenant.id).values_list("host", "state"))
        assert not Domain.objects.filter(host="book.acme-cleaning.com").exists()
        told = Step.objects.get(run__tenant_id=tenant.id, name="claims").result["domains"]
        Domain.objects.filter(host="in-use.acme-cleaning.com").delete()
    assert claims == [("book.acme-cleaning.com", ClaimState.CLAIMED)]
    assert "in use by another" in told["in-use.acme-cleaning.com"]


def test_nobody_else_notices(written):
    before = [_everything(schema_for(tenant_id)) for tenant_id in (ALPHA_ID, BETA_ID)]

    _imported(written)

    assert [_everything(schema_for(tenant_id)) for tenant_id in (ALPHA_ID, BETA_ID)] == before


def test_the_same_archive_can_be_imported_twice_under_two_names(written):
    first, second = _imported(written, "gamma"), _imported(written, "delta")

    assert first.id != second.id
    assert _is_same_as_alpha(first)
    assert _is_same_as_alpha(second)


def test_undoing_leaves_nothing(written):
    _imported(written, "epsilon")
    before = inventory()
    run = _ordered(written)
    assert advance(run.pk) == RunState.DONE, again(run).error

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="gamma")

    assert advance(run.pk) == RunState.UNDONE, again(run).error
    after = inventory()
    # A name that was live is kept free for a while.
    assert after["rows"].pop("tenants_releasedname") == before["rows"].pop("tenants_releasedname") + 1
    assert after == before


def test_undoing_what_never_began_leaves_nothing_either(written):
    before = inventory()
    run = _ordered(written)

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="gamma")

    assert advance(run.pk) == RunState.UNDONE
    assert tidy_inbox() in {0, 1}
    assert inventory() == before


def test_a_name_that_is_taken_is_refused_before_the_archive_is_read(written):
    before = inventory()

    with pytest.raises(SlugTaken):
        _ordered(written[:100], "alpha")

    assert inventory() == before


# --- interrupted


@pytest.fixture
def in_small_parts(market, monkeypatch) -> bytes:
    """The same archive in many parts, so that there is something between the first and the last."""
    monkeypatch.setattr(snapshot, "PART_BYTES", 200)
    file = BytesIO()
    write_archive(market, file, tell=lambda _progress: None)
    return file.getvalue()


@pytest.mark.parametrize("dies_at", [1, 7, 20, 35])
def test_a_worker_that_dies_while_loading_is_followed_by_one_that_goes_on_behind_it(in_small_parts, monkeypatch, dies_at):
    run = _ordered(in_small_parts)
    with monkeypatch.context() as rigged:
        _die_after(rigged, dies_at)
        with pytest.raises(_Killed):
            advance(run.pk)
    _let_leases_end()

    assert advance(run.pk) == RunState.DONE, again(run).error

    assert _is_same_as_alpha(_tenant_of(run))


class _Killed(BaseException):
    """As far as the rest of the process can tell, it was killed."""


def _die_after(rigged: pytest.MonkeyPatch, count: int) -> None:
    """Before part, or rebuilt table, number `count` is committed."""
    counted = 0
    keep = Lease.keep

    def dying(lease, *, seconds=0, noted=None):
        nonlocal counted
        if lease.name == "rows" and noted is not None:
            counted += 1
            if counted == count:
                raise _Killed
        keep(lease, seconds=seconds, noted=noted)

    rigged.setattr(Lease, "keep", dying)


def _let_leases_end() -> None:
    with platform_scope(reason="test"):
        Step.objects.exclude(leased_until=None).update(leased_until="2020-01-01T00:00:00Z")


def test_a_worker_that_lost_its_lease_cannot_add_its_part(in_small_parts, monkeypatch):
    """It was stopped while it loaded; meanwhile another one did all of it."""
    run = _ordered(in_small_parts)
    copy, states = importing.copy_into, []

    def overtaken(schema, table, columns, blocks):
        if states:
            return copy(schema, table, columns, blocks)
        states.append("stopped")
        with platform_scope(reason="test"):
            Step.objects.filter(run=run, name="rows").update(lease_token=99)
        return copy(schema, table, columns, blocks)

    monkeypatch.setattr(importing, "copy_into", overtaken)
    assert advance(run.pk) == RunState.RUNNING
    assert _rows(_tenant_of(run).schema, "accounts_user") == []

    _let_leases_end()
    assert advance(run.pk) == RunState.DONE, again(run).error
    assert _is_same_as_alpha(_tenant_of(run))


@pytest.mark.control
def test_without_the_fence_its_part_would_be_there(in_small_parts, monkeypatch):
    """Negative control: the same, with a lease that nobody looks at."""
    run = _ordered(in_small_parts)
    copy, states = importing.copy_into, []

    def overtaken(schema, table, columns, blocks):
        if not states:
            states.append("stopped")
            with platform_scope(reason="test"):
                Step.objects.filter(run=run, name="rows").update(lease_token=99)
        return copy(schema, table, columns, blocks)

    with monkeypatch.context() as rigged:
        rigged.setattr(importing, "copy_into", overtaken)
        rigged.setattr(Lease, "keep", lambda _lease, **_facts: None)
        assert advance(run.pk) == RunState.RUNNING

    assert _rows(_tenant_of(run).schema, "accounts_user") != []


def test_keeping_a_lease_that_is_somebody_elses_is_refused(written):
    run = _ordered(written)
    with platform_scope(reason="test"):
        step = Step.objects.get(run=run, name="rows")
        with pytest.raises(LeaseLost), transaction.atomic():
            Lease(run.pk, step.pk, step.name, 99, 1, is_undo=False).keep(noted={"parts": 3})

        assert Step.objects.get(pk=step.pk).result == {}


@pytest.mark.parametrize(
    ("user_id", "told"),
    [("424242", "members_membership_user_id_"), ("a secret of somebody's", "22P02")],
)
def test_rows_that_the_database_does_not_take_end_the_run_without_being_shown(written, user_id, told):
    """Signed by a key that we believe, and still not believed blindly: the database has the last word."""
    before = _inventory()
    (table,) = [table for table in manifest_of(written)["tables"] if table["name"] == "members_membership"]
    values = {"id": "1", "user_id": user_id, "role": "owner", "created_at": "2026-11-23 09:00:00+00"}
    row = "\t".join(values[column] for column in table["columns"]).encode() + b"\n"
    run = _ordered(_with_rows(written, "tables/members_membership/000001.copy", row))

    assert advance(run.pk) == RunState.FAILED

    assert f"does not take the rows of “members_membership” ({told}" in again(run).error
    assert user_id not in again(run).error
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="gamma")
    assert advance(run.pk) == RunState.UNDONE
    assert _inventory() == before


def _inventory() -> dict[str, object]:
    """Without the letters to operators that a failed run sends."""
    found = inventory()
    found["rows"].pop("outbox_message")
    return found


def _with_rows(archive: bytes, name: str, content: bytes) -> bytes:
    def change(manifest):
        manifest["members"] = [
            listed(name, content, rows=content.count(b"\n")) if member["name"] == name else member
            for member in manifest["members"]
        ]
        for table in manifest["tables"]:
            if table["name"] == name.split("/")[1]:
                table["rows"] = content.count(b"\n")

    return forged(archive, change, parts={name: content})


def test_a_failed_import_goes_on_after_a_retry(written, monkeypatch):
    run = _ordered(written)
    with monkeypatch.context() as broken:
        broken.setattr(importing, "get_package", lambda _name: (_ for _ in ()).throw(SlugTaken("not today")))
        assert advance(run.pk) == RunState.FAILED

    retry_run(actor=SYSTEM, run_id=run.public_id)

    assert advance(run.pk) == RunState.DONE, again(run).error
    assert _is_same_as_alpha(_tenant_of(run))


def test_copies_are_tidied_away_when_their_run_is_over_and_not_before(written, monkeypatch):
    run = _ordered(written)
    put_in(BytesIO(b"of a run that was never written down"), run_id=NAMES.uuid("lost"))
    with platform_scope(reason="test"):
        name = again(run).request["archive"]

    assert tidy_inbox() == 0
    assert tidy_inbox(now=clock.now() + timedelta(hours=2)) == 1
    advance(run.pk)
    assert tidy_inbox() == 1

    with platform_scope(reason="test"):
        assert not default_storage.exists(name)
        assert Tenant.objects.filter(slug="gamma").exists()


def test_a_file_of_the_same_name_is_written_over(written, market):
    """A killed worker wrote it, and could not note that any more."""
    run = _ordered(written)
    real = importing.LoadFiles.prepare

    def with_leftover(step, work):
        with tenant_scope(work.tenant()):
            default_storage.save(f"images/{NAMES.picture}-96.webp", ContentFile(b"half"))
        real(step, work)

    with pytest.MonkeyPatch.context() as rigged:
        rigged.setattr(importing.LoadFiles, "prepare", with_leftover)
        assert advance(run.pk) == RunState.DONE, again(run).error

    assert _files_of(_tenant_of(run)) == _files_of(market)
