"""An organization from an archive: the same rows under the same ids, its files and looks, and no secret."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from provisioning.archives.contents import CARRIED, LEFT_BEHIND
from provisioning.archives.inbox import tidy_inbox
from provisioning.archives.pacing import now_and_then
from provisioning.models import Step
from provisioning.saga.engine import advance
from provisioning.schemas.catalog import read_catalog
from provisioning.services import undo_run
from provisioning.steps import loading
from provisioning.types import RunState, StepState
from shared_apps.accounts.models import User
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState
from shared_apps.entry.models import Ownership
from tenant_apps.catalog.models import Category
from tenants.errors import SlugTaken
from tenants.models import Domain
from tenants.schemas import schema_for
from tenants.scope import platform_scope, tenant_scope
from tenants.types import DomainState
from tests.factories.market import make_category
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.forging import forged
from tests.provisioning.archives.importing import everything, files_of, imported, is_same_as_alpha, ordered, rows, tenant_of
from tests.provisioning.organizations import SYSTEM, again, inventory, steps_of

pytestmark = pytest.mark.usefixtures("quiet")

STEPS = [
    "name", "archive", "schema", "rows", "version", "files", "domain", "theme", "subscription", "claims", "owner", "announce",
]  # fmt: skip


def test_every_row_comes_back_under_its_own_id(written):
    tenant = imported(written)

    for table in sorted(CARRIED):
        secret = {"accounts_user": "password", "bookings_booking": "hold_key"}.get(table, "")
        found = rows(tenant.schema, table, without=secret)
        assert found == rows(schema_for(ALPHA_ID), table, without=secret), table
        assert found or table == "notifications_sentmail", f"{table} is empty: nothing is compared."


def test_the_schema_is_that_of_any_other_organization_when_its_rows_are_in(written):
    tenant = imported(written)

    assert read_catalog(tenant.schema).differences(read_catalog(schema_for(ALPHA_ID))) == []


def test_all_steps_are_done_and_the_marketplace_answers_with_its_own_words_and_looks(written, market):
    run = ordered(written)

    assert advance(run.pk) == RunState.DONE, again(run).error

    tenant = tenant_of(run)
    assert [step[:2] for step in steps_of(run)] == [(name, StepState.DONE) for name in STEPS]
    assert (tenant.status, tenant.slug, tenant.name) == ("active", "gamma", market.name)
    assert (tenant.theme_package, tenant.theme_tokens["brand"]) == ("fresh", "#0f766e")
    assert (tenant.id, tenant.storage_prefix) != (market.id, market.storage_prefix)
    page = Client(headers={"host": "gamma.localhost"}).get("/")
    assert page.status_code == 200
    assert "Book somebody good" in page.text


def test_files_come_along_to_the_new_place(written, market):
    tenant = imported(written)

    assert files_of(tenant) == files_of(market)
    assert len(files_of(tenant)) > 3


def test_people_have_no_password_and_nothing_that_was_left_behind_is_there(written):
    tenant = imported(written)

    with tenant_scope(tenant):
        assert not any(user.has_usable_password() for user in User.objects.all())
        assert User.objects.exists()
    for table in LEFT_BEHIND.keys() - {"django_migrations"}:
        assert rows(tenant.schema, table) == [], table


def test_new_rows_count_on_behind_those_that_came(written):
    tenant = imported(written)

    with tenant_scope(tenant):
        newest = Category.objects.order_by("-id").first()
        made = make_category()

    assert made.pk > newest.pk


def test_its_owners_may_walk_in_from_the_platform_as_whom_they_were(written):
    tenant = imported(written)

    with platform_scope(reason="test"):
        ways = set(Ownership.objects.filter(tenant_id=tenant.id).values_list("user__email", "member_id"))
    assert ways == {(NAMES.email(who), NAMES.uuid(f"u{who}")) for who in ("owner", "owner-alpha", "owner-beta")}


def test_its_domains_are_only_asked_for_and_one_that_is_in_use_here_is_left_out(written):
    with platform_scope(reason="test"):
        Domain.objects.create(tenant_id=BETA_ID, host="in-use.acme-cleaning.com", state=DomainState.LIVE)

    tenant = imported(
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
    before = [everything(schema_for(tenant_id)) for tenant_id in (ALPHA_ID, BETA_ID)]

    imported(written)

    assert [everything(schema_for(tenant_id)) for tenant_id in (ALPHA_ID, BETA_ID)] == before


def test_the_same_archive_can_be_imported_twice_under_two_names(written):
    first, second = imported(written, "gamma"), imported(written, "delta")

    assert first.id != second.id
    assert is_same_as_alpha(first)
    assert is_same_as_alpha(second)


def test_undoing_leaves_nothing(written):
    imported(written, "epsilon")
    before = inventory()
    run = ordered(written)
    assert advance(run.pk) == RunState.DONE, again(run).error

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="gamma")

    assert advance(run.pk) == RunState.UNDONE, again(run).error
    after = inventory()
    # A name that was live is kept free for a while.
    assert after["rows"].pop("tenants_releasedname") == before["rows"].pop("tenants_releasedname") + 1
    assert after == before


def test_undoing_what_never_began_leaves_nothing_either(written):
    before = inventory()
    run = ordered(written)

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="gamma")

    assert advance(run.pk) == RunState.UNDONE
    assert tidy_inbox() == 1
    assert inventory() == before


def test_a_name_that_is_taken_is_refused_before_the_archive_is_read(written):
    before = inventory()

    with pytest.raises(SlugTaken):
        ordered(written[:100], "alpha")

    assert inventory() == before


def test_no_archive_is_fetched_within_a_transaction(written, monkeypatch):
    """From a store it takes as long as it takes; a step's last transaction ends with its lease."""
    opened, within = loading.opened, []

    def watched(name, **facts):
        within.append(connection.in_atomic_block)
        assert facts["tell"] is not None
        return opened(name, **facts)

    monkeypatch.setattr(loading, "opened", watched)

    imported(written)

    # To be read, for its rows, for its files.
    assert within == [False, False, False]


def test_whoever_is_at_a_large_file_says_so_now_and_then():
    told = []

    assert list(now_and_then([b"x"] * 130, lambda: told.append(1))) == [b"x"] * 130
    assert len(told) == 2
