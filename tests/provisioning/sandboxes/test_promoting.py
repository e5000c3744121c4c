"""What was tried out in a sandbox comes into its marketplace: as it was shown, all or nothing, and back again for a week."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from kernel.errors import Conflict, PermissionDenied
from provisioning.models import Run, Step
from provisioning.saga.engine import advance, advance_to_end
from provisioning.sandboxes.errors import NoSandbox, NotConfirmed, NothingToPromote, PromotionStale
from provisioning.sandboxes.promoting.differences import chosen
from provisioning.sandboxes.promoting.ordering import compare_with_sandbox, order_promotion
from provisioning.sandboxes.promoting.reading import base_of
from provisioning.steps import promoting as promoting_step
from provisioning.types import RunKind, RunState
from shared_apps.archives.models import Archive
from shared_apps.archives.types import ArchiveState
from shared_apps.audit.models import AuditEntry
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.selectors.exchange import CATEGORY_VALUES, SERVICE_VALUES
from tenant_apps.catalog.types import ServiceStatus
from tenant_apps.providers.models import Provider
from tenants.registry import update_tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.market import customer
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.archives.importing import rows
from tests.provisioning.organizations import again
from tests.provisioning.sandboxes.making import (
    OWNER,
    advance_snapshot,
    carried_out,
    failure_of,
    fresh,
    ordered_promotion,
    outcome_of,
    service_of,
    try_things_out,
)

pytestmark = pytest.mark.usefixtures("silent")

PEOPLE = ("accounts_user", "members_membership", "providers_provider", "bookings_booking", "availability_weeklywindow")
ALL = ("settings", "theme", "catalog")


def test_right_after_copying_nothing_differs(market, sandbox):
    assert compare_with_sandbox(actor=OWNER, tenant_id=market.id).changes == []


def test_all_parts_come_over_and_nothing_else_changes(market, sandbox):
    people = {table: rows(market.schema, table) for table in PEOPLE}
    added = try_things_out(sandbox)

    run = carried_out(ordered_promotion(market))

    assert outcome_of(run)["outcome"] == "applied", outcome_of(run)
    now = fresh(ALPHA_ID)
    assert (now.name, now.content["headline"], now.vocabulary["provider"]) == ("Acme anew", "Tried out", "artist")
    assert (now.theme_package, now.theme_tokens["brand"]) == ("noir", "#7a1fa2")
    assert base_of(now) == base_of(fresh(sandbox.id))
    with tenant_scope(now):
        assert Service.objects.get(public_id=added).category.name == "Brand new"
    assert {table: rows(market.schema, table) for table in PEOPLE} == people
    assert compare_with_sandbox(actor=OWNER, tenant_id=market.id).changes == []


def test_only_chosen_parts_come_over(market, sandbox):
    try_things_out(sandbox)
    before = base_of(market)

    carried_out(ordered_promotion(market, ["theme"]))

    now = base_of(fresh(ALPHA_ID))
    assert now["theme"] == base_of(fresh(sandbox.id))["theme"] != before["theme"]
    assert {kind: now[kind] for kind in ("settings", "category", "service")} == {
        kind: before[kind] for kind in ("settings", "category", "service")
    }


def test_a_snapshot_is_there_before_anything_changes(market, sandbox):
    try_things_out(sandbox)
    run = ordered_promotion(market)

    assert advance(run.pk) == RunState.RUNNING

    assert fresh(ALPHA_ID).name == market.name
    carried_out(run)
    with platform_scope(reason="test"):
        snapshot = Archive.objects.get(public_id=run.request["archive"])
        applied = Step.objects.get(run_id=run.pk, name="apply").started_at
    assert (snapshot.is_snapshot, snapshot.state, snapshot.tenant_id) == (True, ArchiveState.READY, ALPHA_ID)
    assert snapshot.taken_at < applied


def test_both_trails_say_who_asked(market, sandbox):
    try_things_out(sandbox)

    carried_out(ordered_promotion(market, ["theme"]))

    with platform_scope(reason="test"):
        for tenant_id in (market.id, sandbox.id):
            entries = AuditEntry.objects.filter(tenant_id=tenant_id, action__startswith="sandbox.")
            assert set(entries.values_list("action", "actor_label")) >= {
                ("sandbox.promotion_ordered", OWNER.label), ("sandbox.promoted", OWNER.label),
            }  # fmt: skip  # pairs


def test_a_service_that_was_booked_is_taken_off_sale_and_another_is_removed(market, sandbox):
    with tenant_scope(sandbox):
        booked = Service.objects.filter(bookings__isnull=False).first().public_id
        free = Service.objects.filter(bookings__isnull=True).first().public_id
        Booking.objects.filter(service__public_id=booked).delete()
        Service.objects.filter(public_id__in=[booked, free]).delete()

    run = carried_out(ordered_promotion(market))

    assert outcome_of(run)["outcome"] == "applied", outcome_of(run)
    with tenant_scope(market):
        assert Service.objects.get(public_id=booked).status == ServiceStatus.HIDDEN
        assert Booking.objects.filter(service__public_id=booked).exists()
        assert not Service.objects.filter(public_id=free).exists()


def test_what_the_marketplace_did_meanwhile_stays(market, sandbox):
    try_things_out(sandbox)
    with tenant_scope(market):
        mine = Category.objects.create(name="Made meanwhile", slug="made-meanwhile", position=90)
        kept = Service.objects.order_by("pk").last()
        Service.objects.filter(pk=kept.pk).update(summary="Written meanwhile")

    carried_out(ordered_promotion(market))

    with tenant_scope(market):
        assert Category.objects.filter(pk=mine.pk).exists()
        assert Service.objects.get(pk=kept.pk).summary == "Written meanwhile"


def test_what_changed_since_it_was_shown_is_not_applied(market, sandbox):
    added = try_things_out(sandbox)
    shown = compare_with_sandbox(actor=OWNER, tenant_id=market.id)
    with tenant_scope(sandbox):
        Service.objects.filter(public_id=added).update(price_minor=1)

    with pytest.raises(PromotionStale):
        order_promotion(actor=OWNER, tenant_id=market.id, parts=ALL, seen=shown.seal, confirmed_name="alpha")

    assert _promotions() == 0


def test_what_changes_while_the_snapshot_is_taken_stops_it_too_and_that_is_no_failure(market, sandbox):
    try_things_out(sandbox)
    before = base_of(market)
    run = ordered_promotion(market)
    with tenant_scope(sandbox):
        Category.objects.filter(name="Brand new").update(name="Newer still")

    carried_out(run)

    assert outcome_of(run) == {"outcome": "stale"}
    assert base_of(fresh(ALPHA_ID)) == before


def test_what_cannot_be_there_leaves_everything_as_it_was(market, sandbox):
    try_things_out(sandbox)
    with tenant_scope(market):
        Category.objects.create(name="BRAND new", slug="another-address", position=91)
    before = base_of(fresh(ALPHA_ID))

    run = carried_out(ordered_promotion(market))

    assert outcome_of(run)["outcome"] == "refused"
    assert "name" in outcome_of(run)["message"]
    assert base_of(fresh(ALPHA_ID)) == before


def test_a_look_that_changes_while_its_stylesheet_is_written_is_written_once_more(market, sandbox, monkeypatch):
    try_things_out(sandbox)
    run = ordered_promotion(market, ["theme"])
    publish, hashes = promoting_step.publish_look_after, []

    def publish_and_change(source, changes):
        hashes.append(publish(source, changes))
        if len(hashes) == 1:
            update_tenant(tenant_id=ALPHA_ID, theme_tokens={**source.theme_tokens, "radius": 3})
        return hashes[-1]

    monkeypatch.setattr(promoting_step, "publish_look_after", publish_and_change)
    carried_out(run)

    now = fresh(ALPHA_ID)
    assert len(set(hashes)) == 2
    assert (now.theme_hash, now.theme_tokens["radius"], now.theme_tokens["brand"]) == (hashes[-1], 3, "#7a1fa2")


def test_what_is_tried_out_while_the_rest_comes_over_still_differs_afterwards(market, sandbox, monkeypatch):
    added = try_things_out(sandbox)
    run = ordered_promotion(market, ["catalog"])
    write = promoting_step.write_changes

    def write_and_change(*arguments, **facts):
        with tenant_scope(sandbox):
            Service.objects.filter(public_id=added).update(summary="Tried out meanwhile")
        return write(*arguments, **facts)

    monkeypatch.setattr(promoting_step, "write_changes", write_and_change)
    carried_out(run)

    (change,) = chosen(compare_with_sandbox(actor=OWNER, tenant_id=market.id).changes, ["catalog"])
    assert (change.key, change.new_values) == (str(added), {"summary": "Tried out meanwhile"})


def test_a_service_whose_provider_is_not_here_is_refused(market, sandbox):
    with tenant_scope(sandbox):
        stranger = Provider.objects.create(public_id=uuid4(), slug="new-here", display_name="New", time_zone="Europe/London")
        service_of(stranger, Category.objects.first(), "By somebody new")

    run = carried_out(ordered_promotion(market))

    assert outcome_of(run)["outcome"] == "refused"


def test_an_address_that_is_taken_here_gets_a_number(market, sandbox):
    added = try_things_out(sandbox)
    with tenant_scope(market):
        service_of(Provider.objects.first(), Category.objects.first(), "Mine", slug="brand-new-service")

    carried_out(ordered_promotion(market))

    with tenant_scope(market):
        assert Service.objects.get(public_id=added).slug == "brand-new-service-2"


def test_a_picture_that_is_named_comes_along(market, sandbox):
    name = f"images/{uuid4().hex}-640.webp"
    with tenant_scope(sandbox):
        default_storage.save(name, ContentFile(b"a picture"))
    update_tenant(tenant_id=sandbox.id, content={**sandbox.content, "logo_url": f"/media/{name}"})

    carried_out(ordered_promotion(market, ["settings"]))

    with tenant_scope(market):
        with default_storage.open(name) as file:
            assert file.read() == b"a picture"
        default_storage.delete(name)


def test_nobody_promotes_into_another_marketplace(market, sandbox):
    try_things_out(sandbox)
    run = ordered_promotion(market)
    with platform_scope(reason="test"):
        # As if somebody had written the request by hand.
        Run.objects.filter(pk=run.pk).update(tenant_id=BETA_ID, request=run.request | {"slug": "beta"})
    before = base_of(fresh(BETA_ID))
    advance_snapshot(run)

    assert advance_to_end(run.pk) == RunState.DONE, failure_of(run)

    assert outcome_of(run) == {"outcome": "stale"}
    assert base_of(fresh(BETA_ID)) == before
    with pytest.raises(NoSandbox):
        compare_with_sandbox(actor=OWNER, tenant_id=BETA_ID)
    with pytest.raises(NoSandbox):
        compare_with_sandbox(actor=OWNER, tenant_id=sandbox.id)


def test_it_takes_the_name_a_part_that_differs_and_who_may(market, sandbox):
    try_things_out(sandbox)
    seal = compare_with_sandbox(actor=OWNER, tenant_id=market.id).seal
    asked = {"tenant_id": market.id, "seen": seal}

    with pytest.raises(NotConfirmed):
        order_promotion(actor=OWNER, parts=["theme"], confirmed_name="alpha-sandbox", **asked)
    with pytest.raises(NothingToPromote):
        order_promotion(actor=OWNER, parts=["nonsense"], confirmed_name="alpha", **asked)
    with tenant_scope(market), pytest.raises(PermissionDenied):
        order_promotion(actor=customer(), parts=["theme"], confirmed_name="alpha", **asked)

    assert _promotions() == 0


def test_one_at_a_time(market, sandbox):
    try_things_out(sandbox)
    ordered_promotion(market, ["theme"])

    with pytest.raises(Conflict):
        ordered_promotion(market, ["settings"])


def test_a_worker_that_dies_between_writing_and_the_note_has_changed_nothing(market, sandbox, monkeypatch):
    try_things_out(sandbox)
    before = base_of(market)
    run = ordered_promotion(market)
    advance_snapshot(run)

    def dies(*_arguments, **_facts):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("provisioning.steps.promoting._note", dies)
        with pytest.raises(KeyboardInterrupt):
            advance_to_end(run.pk)
    assert base_of(fresh(ALPHA_ID)) == before

    with platform_scope(reason="test"):
        again(run).steps.filter(state="running").update(leased_until="2000-01-01T00:00Z")
    assert advance_to_end(run.pk) == RunState.DONE, failure_of(run)
    assert base_of(fresh(ALPHA_ID)) == base_of(fresh(sandbox.id))


def test_every_column_of_the_catalog_is_compared_or_is_a_fact_of_the_marketplace():
    own = {"id", "public_id", "provider", "category", "created_at", "updated_at"}

    for model, compared in ((Category, CATEGORY_VALUES), (Service, SERVICE_VALUES)):
        columns = {field.name for field in model._meta.concrete_fields}
        assert columns - own == set(compared), f"Say in catalog.selectors.exchange whether {model.__name__}'s is promoted."


def _promotions() -> int:
    with platform_scope(reason="test"):
        return Run.objects.filter(kind=RunKind.PROMOTE_SANDBOX).count()
