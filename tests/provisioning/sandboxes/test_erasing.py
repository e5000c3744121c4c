"""An organization that once had a sandbox is erased to the end: what is on record of the sandbox goes with it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage

from config.settings import base
from kernel import clock
from kernel.actor import Actor
from provisioning.erasing import services as erasing
from provisioning.erasing.proving import proof_of
from provisioning.erasing.services import order_erasure
from provisioning.errors import RunNotReady
from provisioning.files import delete_latecomers
from provisioning.models import KeptMail, Run, Step
from provisioning.saga.engine import advance, advance_to_end
from provisioning.sandboxes.naming import holder_of_sandbox_name
from provisioning.sandboxes.ordering import order_sandbox, remove_sandbox
from provisioning.sandboxes.selectors import making_of, sandbox_of
from provisioning.services import retry_run, undo_abandoned_runs, undo_run
from provisioning.steps import erasing as steps
from provisioning.types import RunState
from shared_apps.audit.models import AuditEntry
from shared_apps.audit.services import record
from shared_apps.closing.services import close_organization
from tenant_apps.members.selectors import owners
from tenants.context import TenantContext
from tenants.models import ReleasedName, ReservedName
from tenants.scope import platform_scope, tenant_scope
from tenants.storage_by_prefix import storage_by_prefix
from tests.provisioning.erasing.test_erasing import tables_with
from tests.provisioning.organizations import SYSTEM, again
from tests.provisioning.sandboxes.making import carried_out, cloned, ordered_promotion, try_things_out


@pytest.fixture(autouse=True)
def _at_once(silent, settings, monkeypatch) -> None:
    """Nobody rings, no other process has to be waited for, and mail goes through the door, as in production."""
    settings.HOST_CACHE_FOLLOWED_SECONDS = 0
    door = {"BACKEND": base.MAILERS["default"]["BACKEND"]}
    settings.MAILERS = {"default": door | {"OPTIONS": {"transport": "django.core.mail.backends.locmem.EmailBackend"}}}
    monkeypatch.setattr(erasing, "ring", lambda _run_pk: None)


def used_and_removed(shop: TenantContext) -> TenantContext:
    """A sandbox of `shop` in which somebody tried things out, wrote letters and brought all back, and that is gone."""
    sandbox = cloned(shop)
    try_things_out(sandbox)
    with tenant_scope(sandbox):
        EmailMessage("Hello", f"From {sandbox.primary_host}", "a@world.example", ["b@world.example"]).send()
    carried_out(ordered_promotion(shop))
    making = making_of(sandbox.id)
    remove_sandbox(actor=SYSTEM, tenant_id=shop.id, confirmed_name=sandbox.slug)
    assert advance_to_end(making.pk) == RunState.UNDONE, again(making).error
    return sandbox


def _copies() -> list[str]:
    """What waits in the inbox to be read by a run."""
    with platform_scope(reason="test"):
        return default_storage.listdir("imports")[1]


def erased(shop: TenantContext) -> Run:
    close_organization(actor=SYSTEM, tenant_id=shop.id)
    run = order_erasure(actor=SYSTEM, tenant_id=shop.id, confirmed_name=shop.slug)
    assert advance(run.pk) == RunState.DONE, again(run).error
    return again(run)


def test_whoever_once_had_a_sandbox_is_erased_to_the_end(shop):
    sandbox = used_and_removed(shop)
    assert {"provisioning_run", "audit_auditentry"} <= set(tables_with(str(sandbox.id)))

    run = erased(shop)

    assert proof_of(run).found == 0
    assert tables_with(sandbox.slug) == ["tenants_releasedname"]
    assert set(tables_with(str(sandbox.id))) == {"audit_auditentry", "provisioning_run"}
    assert tables_with(shop.id.hex) == []
    with platform_scope(reason="test"):
        assert ReleasedName.objects.get(name=sandbox.slug).tenant_id == shop.id
        assert not ReservedName.objects.filter(holder=holder_of_sandbox_name(shop.id)).exists()
        assert not Step.objects.filter(run__tenant_id=sandbox.id, result__has_key="base").exists()
        assert not KeptMail.objects.filter(tenant_id=sandbox.id).exists()
        stubs = AuditEntry.objects.filter(tenant_id=sandbox.id)
        assert {(entry.target, entry.reason, str(entry.data)) for entry in stubs} == {("", "", "{}")}


def test_an_owner_who_ordered_one_is_named_nowhere_any_more(shop):
    with tenant_scope(shop):
        owner = owners()[0]
    actor = Actor.user(user_id=owner.pk, label=owner.email, capabilities=frozenset({"settings.edit"}))
    run = order_sandbox(actor=actor, tenant_id=shop.id)
    assert advance_to_end(run.pk) == RunState.DONE, again(run).error
    sandbox = sandbox_of(shop.id)
    remove_sandbox(actor=actor, tenant_id=shop.id, confirmed_name=sandbox.slug)
    assert advance_to_end(run.pk) == RunState.UNDONE, again(run).error

    erased(shop)

    with platform_scope(reason="test"):
        assert not AuditEntry.objects.filter(actor_label=owner.email, tenant_id__in=(shop.id, sandbox.id)).exists()
    assert "provisioning_run" not in tables_with(owner.email)


def test_one_that_was_ordered_and_never_made_does_not_stop_it(shop):
    run = order_sandbox(actor=SYSTEM, tenant_id=shop.id)
    close_organization(actor=SYSTEM, tenant_id=shop.id)
    assert advance_to_end(run.pk) == RunState.FAILED
    assert _copies() == [f"{run.public_id.hex}.zip"]

    erasing_run = order_erasure(actor=SYSTEM, tenant_id=shop.id, confirmed_name=shop.slug)

    assert advance(erasing_run.pk) == RunState.DONE, again(erasing_run).error
    assert again(run).request["source"] == ""
    assert _copies() == []
    for act in (partial(retry_run, actor=SYSTEM), partial(undo_run, actor=SYSTEM, confirmed_name="")):
        with pytest.raises(RunNotReady, match="is erased, or about to be"):
            act(run_id=run.public_id)
    assert undo_abandoned_runs(now=clock.now() + timedelta(days=2)) == 0
    assert again(run).state == RunState.UNDONE


@pytest.mark.control
def test_what_is_said_of_its_former_sandbox_is_found(shop, monkeypatch):
    sandbox = used_and_removed(shop)
    look = steps.look_everywhere

    def look_after_leaving(*args, **kwargs):
        record(action="plan.edited", actor_label="op", actor_kind="operator", reason=f"because of {sandbox.id}")
        return look(*args, **kwargs)

    monkeypatch.setattr(steps, "look_everywhere", look_after_leaving)
    close_organization(actor=SYSTEM, tenant_id=shop.id)
    run = order_erasure(actor=SYSTEM, tenant_id=shop.id, confirmed_name=shop.slug)

    assert advance(run.pk) == RunState.FAILED
    assert again(run).error == "Something of it is left in: table audit_auditentry."


def test_a_file_that_comes_late_below_a_removed_sandbox_goes(shop):
    sandbox = used_and_removed(shop)
    erased(shop)
    name = storage_by_prefix().save(f"{sandbox.storage_prefix}/late.txt", ContentFile(b"late"))

    delete_latecomers()

    assert not storage_by_prefix().exists(name)
