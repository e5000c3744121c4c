"""Closing with grace: what comes back, who is told, when erasing begins, and when it cannot be undone any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from kernel import clock
from kernel.errors import NotServedNow
from kernel.jobs import kind_of
from kernel.outbox.models import MessageState, OutboxMessage
from provisioning.erasing import services
from provisioning.erasing.jobs import TellCustomersOfClosing, TellCustomersOfReopening
from provisioning.erasing.services import erase_due, order_erasure
from provisioning.erasing.telling import (
    begin_telling_of_reopening,
    tell_of_closing,
    tell_of_reopening,
    write_to_owners_of_closed,
)
from provisioning.errors import RunNotReady
from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.services import retry_run, undo_run
from provisioning.steps import erasing as steps
from provisioning.types import RunKind, RunState
from shared_apps.accounts.models import User
from shared_apps.closing.events import OrganizationClosed, OrganizationReopened
from shared_apps.closing.services import close_organization, reopen_organization
from tenant_apps.bookings.models import Booking
from tenants.errors import SlugReleased, WrongState
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.registry import check_slug
from tenants.rules_names import skeleton
from tenants.scope import platform_scope, tenant_scope
from tenants.suspending import suspend_tenant
from tests.factories.people import PASSWORD, sign_in
from tests.provisioning.erasing.conftest import NOW, furnished, now_of, row_of
from tests.provisioning.erasing.test_kills import digest_of
from tests.provisioning.organizations import SYSTEM, again, requested


def close(tenant) -> Tenant:
    return close_organization(actor=SYSTEM, tenant_id=tenant.id)


def erasing_runs(tenant) -> list[Run]:
    with platform_scope(reason="test"):
        return list(Run.objects.filter(tenant_id=tenant.id, kind=RunKind.ERASE_ORGANIZATION))


def test_opened_again_it_is_as_it_was(shop):
    before = digest_of(shop.schema)
    close(shop)

    reopen_organization(actor=SYSTEM, tenant_id=shop.id)

    row = row_of(shop)
    # In quarantine before, it shows its maintenance page, as it would have.
    assert (row.status, row.closing_since_at, row.erases_at, row.closed_from) == ("maintenance", None, None, "")
    assert digest_of(shop.schema) == before
    assert now_of(shop).primary_host == shop.primary_host


def test_a_suspended_one_comes_back_suspended(shop):
    suspend_tenant(actor=SYSTEM, tenant_id=shop.id)
    close(shop)

    reopen_organization(actor=SYSTEM, tenant_id=shop.id)

    assert row_of(shop).status == "suspended"


def test_it_is_closed_once_and_opened_once(shop):
    close(shop)
    with pytest.raises(WrongState):
        close(shop)
    reopen_organization(actor=SYSTEM, tenant_id=shop.id)

    with pytest.raises(WrongState):
        reopen_organization(actor=SYSTEM, tenant_id=shop.id)


def test_erasing_begins_when_the_grace_is_over_and_once(shop):
    closed = close(shop)

    assert erase_due(now=closed.erases_at - timedelta(seconds=1)) == 0
    assert erase_due(now=closed.erases_at) == 1
    assert erase_due(now=closed.erases_at) == 0
    (run,) = erasing_runs(shop)
    assert advance(run.pk) == RunState.DONE, again(run).error
    assert row_of(shop) is None


def test_one_that_waits_for_a_person_holds_up_no_other(shop):
    first, second = close(shop), close(furnished(f"second-{shop.slug}"))
    assert erase_due(now=first.erases_at, at_most=1) == 1
    (run,) = erasing_runs(shop)
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name=shop.slug)
    assert advance(run.pk) == RunState.UNDONE

    assert erase_due(now=second.erases_at, at_most=1) == 1

    assert len(erasing_runs(shop)) == 1
    with platform_scope(reason="test"):
        assert Run.objects.filter(tenant_id=second.pk, kind=RunKind.ERASE_ORGANIZATION).count() == 1


def test_one_for_which_an_operator_has_begun_is_not_begun_again(closed):
    order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name=closed.slug)

    assert erase_due(now=row_of(closed).erases_at) == 0
    assert len(erasing_runs(closed)) == 1


def test_an_organization_that_was_opened_again_is_not_erased(closed):
    run = order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name=closed.slug)
    reopen_organization(actor=SYSTEM, tenant_id=closed.id)
    before = digest_of(closed.schema)

    assert advance(run.pk) == RunState.FAILED

    assert digest_of(closed.schema) == before
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name=closed.slug)
    assert advance(run.pk) == RunState.UNDONE
    assert row_of(closed).status in {"active", "maintenance"}


def test_a_run_that_stopped_erases_nothing_of_a_later_closing(closed):
    """Its owner opened it again and closed it anew: that grace is whole, whoever tries the old run once more."""
    run = order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name=closed.slug)
    reopen_organization(actor=SYSTEM, tenant_id=closed.id)
    assert advance(run.pk) == RunState.FAILED
    close(closed)
    before = digest_of(closed.schema)

    retry_run(actor=SYSTEM, run_id=run.public_id)

    assert advance(run.pk) == RunState.FAILED
    assert digest_of(closed.schema) == before
    assert row_of(closed).status == "closing"


def test_one_that_was_closed_anew_since_it_was_found_due_is_not_begun(closed, monkeypatch):
    found = {closed.id: row_of(closed).closing_since_at}
    monkeypatch.setattr(services, "due_for_erasing", lambda now: found)
    reopen_organization(actor=SYSTEM, tenant_id=closed.id)
    close(closed)

    assert erase_due() == 0

    assert erasing_runs(closed) == []


def test_before_the_seal_it_can_be_taken_back_and_after_it_not(closed, monkeypatch):
    run = order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name=closed.slug)
    monkeypatch.setattr(steps.StopWork, "do", refuse)

    assert advance(run.pk) == RunState.FAILED

    with pytest.raises(RunNotReady, match="no way back"):
        undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name=closed.slug)
    with pytest.raises(WrongState):
        reopen_organization(actor=SYSTEM, tenant_id=closed.id)


def refuse(*_: object) -> None:
    raise RunNotReady("not now")


def test_nothing_else_is_undone_of_what_is_erased(closed):
    with platform_scope(reason="test"):
        creation = Run.objects.get(tenant_id=closed.id, kind=RunKind.CREATE_ORGANIZATION)
    run = order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name=closed.slug)

    with pytest.raises(RunNotReady, match="erased, or about to be"):
        undo_run(actor=SYSTEM, run_id=creation.public_id, confirmed_name=closed.slug)
    assert advance(run.pk) == RunState.DONE, again(run).error


def test_work_that_comes_late_for_the_erased_one_ends_quietly(closed):
    run = order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name=closed.slug)
    assert advance(run.pk) == RunState.DONE, again(run).error
    late, now = TellCustomersOfClosing(closed.id, closed_at=NOW), clock.now()
    with platform_scope(reason="test"):
        message = OutboxMessage.objects.create(
            tenant_id=closed.id, event_type="x", handler="y", payload={}, available_at=now, created_at=now
        )

    from kernel.outbox.upkeep import sweep

    sweep()

    with platform_scope(reason="test"):
        message.refresh_from_db()
    assert message.state == MessageState.CANCELLED
    assert tell_of_closing(late) is None
    assert Client(headers={"host": closed.primary_host}).get("/").status_code == 404


def test_its_name_is_kept_free_and_then_brings_nothing_of_the_old_one(closed):
    run = order_erasure(actor=SYSTEM, tenant_id=closed.id, confirmed_name=closed.slug)
    assert advance(run.pk) == RunState.DONE, again(run).error

    with pytest.raises(SlugReleased):
        check_slug(closed.slug)
    with platform_scope(reason="test"):
        from tenants.models import ReleasedName

        ReleasedName.objects.filter(name=closed.slug).delete()
    assert skeleton(check_slug(closed.slug)) == skeleton(closed.slug)
    newcomer = requested(closed.slug, key=f"again-{closed.slug}")
    assert advance(newcomer.pk) == RunState.DONE, again(newcomer).error
    tenant = context_for(again(newcomer).tenant_id)
    assert tenant.id != closed.id
    with tenant_scope(tenant):
        assert not User.objects.filter(email__contains="world.example").exists()
        assert Booking.objects.count() == 0


def test_owners_and_customers_are_told_and_told_again_when_it_opens(shop, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW - timedelta(days=30))
    closed = close(shop)
    with tenant_scope(now_of(shop)):
        to_come = Booking.objects.filter(status__in=["pending", "confirmed"], starts_at__gt=clock.now()).count()
    assert to_come > 0
    job = TellCustomersOfClosing(shop.id, closed_at=closed.closing_since_at)

    write_to_owners_of_closed(OrganizationClosed(shop.id, closed.closing_since_at, closed.erases_at))
    told_owners = len(mail.outbox)
    assert tell_of_closing(job) is None
    assert tell_of_closing(job) is None

    letters = mail.outbox[told_owners:]
    assert told_owners > 0
    assert f"/account/closed/{shop.slug}/" in mail.outbox[0].body
    assert len(letters) == to_come
    assert "METHOD:CANCEL" in str(letters[0].message())
    reopen_organization(actor=SYSTEM, tenant_id=shop.id)
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=shop.id).update(status="active")
    back = TellCustomersOfReopening(shop.id, closed_at=closed.closing_since_at)
    assert tell_of_reopening(back) is None
    assert tell_of_reopening(back) is None
    assert [letter.subject[:14] for letter in mail.outbox[told_owners + to_come :]] == ["Standing again"] * to_come
    with tenant_scope(now_of(shop)):
        assert Booking.objects.filter(status__in=["pending", "confirmed"]).exists()


def test_customers_of_one_that_comes_back_suspended_hear_when_it_is_served(shop, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW - timedelta(days=30))
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=shop.id).update(status="suspended")
    closed = close(shop)
    tell_of_closing(TellCustomersOfClosing(shop.id, closed_at=closed.closing_since_at))
    told = len(mail.outbox)
    reopen_organization(actor=SYSTEM, tenant_id=shop.id)
    job = TellCustomersOfReopening(shop.id, closed_at=closed.closing_since_at)

    with pytest.raises(NotServedNow):
        tell_of_reopening(job)

    assert len(mail.outbox) == told > 0
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=shop.id).update(status="active")
    assert tell_of_reopening(job) is None
    assert len(mail.outbox) == 2 * told


def test_nobody_hears_of_the_opening_while_others_may_still_be_told_of_the_closing(shop):
    closed = close(shop)

    begin_telling_of_reopening(OrganizationReopened(shop.id, closed_at=closed.closing_since_at))

    with platform_scope(reason="test"):
        message = OutboxMessage.objects.get(key__startswith="tell-reopened:")
    assert message.available_at - message.created_at >= timedelta(seconds=kind_of(TellCustomersOfClosing).lease_seconds)


def owner_at_the_platform(tenant) -> Client:
    with platform_scope(reason="test"):
        owner = User.objects.get(email=f"ann@{tenant.slug}.example")
        owner.set_password(PASSWORD)
        owner.save()
        from allauth.account.models import EmailAddress

        EmailAddress.objects.update_or_create(user=owner, email=owner.email, defaults={"verified": True, "primary": True})
    client = Client(headers={"host": "localhost"})
    sign_in(client, owner.email)
    return client


def test_the_owner_finds_it_on_the_platform_takes_an_archive_and_opens_it_again(closed):
    client, path = owner_at_the_platform(closed), f"/account/closed/{closed.slug}/"

    assert path in client.get("/account/").content.decode()
    assert client.get(path).status_code == 200
    assert client.post(f"{path}archive/").status_code == 303
    with platform_scope(reason="test"):
        from provisioning.archives.services import begin_archive
        from shared_apps.archives.models import Archive

        archive = Archive.objects.get(tenant_id=closed.id)
    assert advance(begin_archive(archive.public_id).pk) == RunState.DONE
    file = client.get(f"{path}archive/{archive.outside_id}/")
    assert b"".join(file.streaming_content)[:2] == b"PK"
    assert client.post(f"{path}reopen/").status_code == 303
    assert row_of(closed).status == "maintenance"
    assert client.get(path).status_code == 404


def test_nobody_but_its_owner_finds_it(closed):
    other = furnished(f"other-{closed.slug}")
    client, path = owner_at_the_platform(other), f"/account/closed/{closed.slug}/"

    answers = [
        client.get(path),
        client.post(f"{path}reopen/"),
        client.post(f"{path}archive/"),
        client.get(f"{path}archive/arc_x/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert row_of(closed).status == "closing"
    assert Client(headers={"host": "localhost"}).get(path).status_code == 302
