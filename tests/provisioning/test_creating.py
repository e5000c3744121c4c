"""Creating an organization, from the request to a page that answers, and back."""

from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections
from django.test import Client

from kernel.outbox.models import OutboxMessage
from provisioning import pool, services
from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.services import retry_run, undo_run
from provisioning.types import RunState, StepState
from shared_apps.accounts.models import User
from shared_apps.plans.selectors import entitlements_for
from shared_apps.plans.services import load_default_plans
from tenant_apps.catalog.models import Category
from tenant_apps.members.selectors import roles_of
from tenants.errors import SlugReleased, SlugTaken
from tenants.hosts import context_for
from tenants.models import Domain, ReleasedName, ReservedName, Tenant
from tenants.registry import check_slug
from tenants.schemas import code_schema_version, schema_exists, schema_for
from tenants.scope import platform_scope, tenant_scope
from tests.provisioning.organizations import SYSTEM, again, inventory, requested, steps_of, tenant_ids

pytestmark = pytest.mark.usefixtures("committed")

STEPS = ["name", "schema", "blueprint", "domain", "theme", "subscription", "owner", "announce"]


@pytest.fixture(autouse=True)
def plans_and_quiet(committed, monkeypatch, tmp_path):
    with platform_scope(reason="test"):
        load_default_plans()
    monkeypatch.setattr(services, "ring", lambda _run_pk: None)
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path))


def _made(slug: str = "acme", **facts: object):
    run = requested(slug, **facts)
    assert advance(run.pk) == RunState.DONE, again(run).error
    return again(run), context_for(again(run).tenant_id)


def test_a_run_makes_a_whole_organization():
    pool.fill(1)

    run, tenant = _made(name="Acme Tutors", brand_color="#0f9d8a", time_zone="America/Toronto", currency="CAD", locale="en-CA")

    assert [step[:2] for step in steps_of(run)] == [(name, StepState.DONE) for name in STEPS]
    assert (tenant.name, tenant.slug, tenant.status) == ("Acme Tutors", "acme", "active")
    assert (tenant.time_zone, tenant.currency, tenant.locale) == ("America/Toronto", "CAD", "en-CA")
    assert tenant.primary_host == "acme.localhost"
    assert tenant.schema_version == code_schema_version()
    with platform_scope(reason="test"):
        assert tenant.entitlements == entitlements_for("studio")
        assert 13 <= (Tenant.objects.get(pk=tenant.id).trial_ends_at - run.created_at).days <= 14
    assert tenant.theme_tokens["brand"] == "#0f9d8a"
    assert len(tenant.theme_hash) == 12
    assert tenant.vocabulary["providers"] == "tutors"
    assert tenant.content["headline"]
    with tenant_scope(tenant):
        owner = User.objects.get(email="ann@acme.example")
        assert roles_of(owner.pk) == {"owner"}
        assert not owner.has_usable_password()
        assert Category.objects.count() >= 4
        assert User.objects.count() == 1


def test_the_marketplace_answers_at_its_address_once_it_is_live():
    _run, tenant = _made()

    answer = Client(headers={"host": tenant.primary_host}).get("/")

    assert answer.status_code == 200
    assert tenant.name.replace("&", "&amp;") in answer.content.decode()


def test_before_it_is_live_its_address_says_so(monkeypatch):
    from provisioning.steps.announcing import Announce

    monkeypatch.setattr(Announce, "do", lambda _self, _work: (_ for _ in ()).throw(ValueError("not yet")))
    run = requested()

    advance(run.pk)

    answer = Client(headers={"host": "acme.localhost"}).get("/")
    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_an_empty_pool_costs_time_only():
    _run, tenant = _made()

    assert schema_exists(tenant.schema)
    assert pool.pool_status().ready == 0


def test_the_announcement_is_written_with_the_opening(monkeypatch):
    from config import subscriptions
    from provisioning.events import OrganizationLive

    monkeypatch.setitem(subscriptions.SUBSCRIPTIONS, OrganizationLive, ("tests.nobody.listens",))

    run, tenant = _made()

    with platform_scope(reason="test"):
        message = OutboxMessage.objects.get(handler="tests.nobody.listens")
    assert message.tenant_id == tenant.id
    assert message.payload["owner_email"] == "ann@acme.example"
    assert run.state == RunState.DONE


@pytest.mark.proves("races.provisioning")
@pytest.mark.controlled_by("tests/tenants/test_names.py::test_without_the_constraint_the_race_has_several_winners")
def test_two_runs_for_one_name_give_one_organization():
    first, second = requested("acme", key="one"), requested("acme", key="two", owner_email="bob@other.example")
    barrier = Barrier(2)

    def work(run_pk: int) -> None:
        try:
            barrier.wait()
            advance(run_pk)
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=(run.pk,)) for run in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted([again(first).state, again(second).state]) == [RunState.DONE, RunState.FAILED]
    assert len(tenant_ids()) == 1
    loser = first if again(first).state == RunState.FAILED else second
    assert "taken" in again(loser).error
    assert again(loser).tenant_id is None


def test_an_unknown_plan_ends_the_run_before_anything_is_made():
    before = inventory()["schemas"]
    run = requested(plan_code="gold")

    assert advance(run.pk) == RunState.FAILED

    assert "gold" in again(run).error
    assert inventory()["schemas"] == before


def test_undoing_a_finished_run_leaves_nothing_and_keeps_the_name_from_strangers():
    pool.fill(2)
    pool.claim()  # an unrelated one
    before = inventory()
    run, tenant = _made("zebra")
    with tenant_scope(tenant):
        default_storage.save("images/a.webp", ContentFile(b"x"))
        default_storage.save("b.txt", ContentFile(b"x"))

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="zebra")
    assert advance(run.pk) == RunState.UNDONE, again(run).error

    after = inventory()
    tombstones = after["rows"].pop("tenants_releasedname")
    before["rows"].pop("tenants_releasedname")
    # The schema that was in the pool is used up.
    before["rows"]["provisioning_pooledschema"] -= 1
    before["schemas"].remove(tenant.schema)
    assert after == before
    assert tombstones == 1
    with pytest.raises(SlugReleased):
        check_slug("zebra")
    assert Client(headers={"host": "zebra.localhost"}).get("/").status_code == 404


def test_undoing_a_run_that_never_went_live_frees_the_name_at_once(monkeypatch):
    from provisioning.steps.owner import CreateOwner

    monkeypatch.setattr(CreateOwner, "do", lambda _self, _work: (_ for _ in ()).throw(ValueError("no")))
    before = inventory()
    run = requested("zebra")
    advance(run.pk)

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="zebra")
    assert advance(run.pk) == RunState.UNDONE

    assert inventory() == before
    assert check_slug("zebra") == "zebra"
    with platform_scope(reason="test"):
        assert not ReleasedName.objects.exists()


@pytest.mark.parametrize("failing", STEPS)
def test_a_run_that_failed_anywhere_can_be_retried_to_the_end(monkeypatch, failing):
    from provisioning.steps import STEPS as KINDS
    from provisioning.types import RunKind

    step = next(step for step in KINDS[RunKind.CREATE_ORGANIZATION] if step.name == failing)
    with monkeypatch.context() as broken:
        broken.setattr(step, "do", lambda _self, _work: (_ for _ in ()).throw(SlugTaken("no")))
        run = requested("yak")
        assert advance(run.pk) == RunState.FAILED

    retry_run(actor=SYSTEM, run_id=run.public_id)

    assert advance(run.pk) == RunState.DONE
    assert len(tenant_ids()) == 1


def test_undoing_twice_and_undoing_an_undone_run_is_refused_and_harmless():
    run, tenant = _made()
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")
    advance(run.pk)

    assert advance(run.pk) == RunState.UNDONE
    assert not schema_exists(schema_for(tenant.id))
    with platform_scope(reason="test"):
        assert Run.objects.count() == 1
        assert not Domain.objects.filter(host="acme.localhost").exists()
        assert not ReservedName.objects.exists()


def test_a_name_can_be_founded_again_after_its_tombstone_with_nothing_of_the_old_one(monkeypatch):
    run, old = _made()
    with tenant_scope(old):
        Category.objects.create(slug="secret", name="Secret")
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")
    advance(run.pk)
    with platform_scope(reason="test"):
        ReleasedName.objects.update(free_at="2020-01-01T00:00:00Z")

    again_run = requested("acme", key="second")
    assert advance(again_run.pk) == RunState.DONE

    new = context_for(again(again_run).tenant_id)
    assert new.id != old.id
    assert new.schema != old.schema
    with tenant_scope(new):
        assert not Category.objects.filter(name="Secret").exists()
