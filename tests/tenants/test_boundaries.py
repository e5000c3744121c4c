"""Whatever leaves the request carries its tenant: cache, files, sessions, signatures, tasks."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from celery import Celery, Task
from django.contrib.sessions.models import Session
from django.core import signing as django_signing
from django.core.cache import cache, caches
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from kernel import clock
from kernel.actor import Actor
from kernel.events import publish
from kernel.outbox.relay import Outcome
from provisioning.fleet.services import quarantine_tenant, release_tenant
from tenants.cache import make_key
from tenants.errors import NoTenant, TenantNotServed, WrongTenant
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import current_tenant, platform_scope, tenant_scope
from tenants.sessions import SessionStore
from tenants.signing import keyed_hash, keyed_hashes, sign, unsign
from tenants.suspending import resume_tenant, suspend_tenant
from tenants.tasks import HEADER, ScopedTask
from tenants.types import TenantStatus
from tests.factories.tenants import ALPHA_ID
from tests.kernel.outbox_messages import deliver_due
from tests.kernel.samples import KettleBoiled

pytestmark = pytest.mark.proves("isolation.backend")


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def test_a_cached_value_is_seen_by_its_tenant_only(alpha, beta):
    with tenant_scope(alpha):
        cache.set("greeting", "hello from alpha")

    with tenant_scope(alpha):
        assert cache.get("greeting") == "hello from alpha"
    with tenant_scope(beta):
        assert cache.get("greeting") is None
    with platform_scope(reason="test"):
        assert cache.get("greeting") is None


def test_a_cached_value_under_a_foreign_key_is_refused(alpha, beta, monkeypatch):
    with tenant_scope(alpha):
        cache.set("secret", "of alpha")
        key = make_key("secret", cache.key_prefix, 1)
    monkeypatch.setattr(caches["default"], "key_func", lambda *_: key)

    with tenant_scope(beta), pytest.raises(WrongTenant):
        cache.get("secret")


def test_the_cache_needs_a_scope_and_cannot_be_cleared_for_everybody(alpha):
    with pytest.raises(NoTenant):
        cache.get("greeting")
    with tenant_scope(alpha), pytest.raises(WrongTenant):
        cache.clear()


def test_counters_work_and_are_apart(alpha, beta):
    with tenant_scope(alpha):
        cache.set("count", 1)
        cache.incr("count")

    with tenant_scope(alpha):
        assert cache.get("count") == 2
    with tenant_scope(beta):
        assert cache.get("count") is None


def test_a_file_of_one_tenant_does_not_exist_for_the_other(alpha, beta):
    with tenant_scope(alpha):
        name = default_storage.save("logo.txt", ContentFile(b"alpha"))

    with tenant_scope(alpha), default_storage.open(name) as stored:
        assert stored.read() == b"alpha"
    with tenant_scope(beta):
        assert not default_storage.exists(name)


@pytest.mark.parametrize("name", ["../other/logo.txt", "/etc/passwd", "a/../../b"])
def test_a_files_name_cannot_leave_the_prefix(in_alpha, name):
    with pytest.raises(SuspiciousFileOperation):
        default_storage.open(name)


def test_a_session_row_copied_into_another_schema_is_refused(alpha, beta):
    with tenant_scope(alpha):
        store = SessionStore()
        store["user"] = 1
        store.create()
        row = Session.objects.get(pk=store.session_key)
    with tenant_scope(beta):
        Session.objects.create(pk=row.pk, session_data=row.session_data, expire_date=row.expire_date)

        assert dict(SessionStore(row.pk).items()) == {}
    with tenant_scope(alpha):
        assert SessionStore(row.pk)["user"] == 1


def test_a_signature_holds_in_its_tenant_and_for_its_purpose_only(alpha, beta):
    with tenant_scope(alpha):
        token = sign("manage", {"booking": 7})

        assert unsign("manage", token) == {"booking": 7}
        with pytest.raises(django_signing.BadSignature):
            unsign("invite", token)
    with tenant_scope(beta), pytest.raises(django_signing.BadSignature):
        unsign("manage", token)
    with platform_scope(reason="test"), pytest.raises(django_signing.BadSignature):
        unsign("manage", token)


def test_the_hash_of_a_token_differs_between_tenants(alpha, beta):
    with tenant_scope(alpha):
        of_alpha = keyed_hash("key", "secret")
    with tenant_scope(beta):
        of_beta = keyed_hash("key", "secret")

    assert of_alpha != of_beta


def test_what_an_earlier_key_signed_holds_while_that_key_is_kept(alpha, beta, settings):
    with tenant_scope(alpha):
        token, hashed = sign("manage", 7), keyed_hash("key", "secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the-next-one", [settings.SECRET_KEY]

    with tenant_scope(alpha):
        assert unsign("manage", token) == 7
        assert hashed in keyed_hashes("key", "secret")
        assert hashed != keyed_hash("key", "secret")
    with tenant_scope(beta), pytest.raises(django_signing.BadSignature):
        unsign("manage", token)
    settings.SECRET_KEY_FALLBACKS = []
    with tenant_scope(alpha), pytest.raises(django_signing.BadSignature):
        unsign("manage", token)


def test_a_task_is_sent_with_its_scope_and_refused_without(alpha, where_task):
    with tenant_scope(alpha):
        where_task.apply_async()

    assert where_task.sent_headers == {HEADER: str(alpha.id)}
    with pytest.raises(NoTenant):
        where_task.apply_async()
    with pytest.raises(NoTenant, match="came without a scope"):
        where_task()


def test_a_task_runs_inside_the_scope_it_was_sent_from(alpha, beta, where_task):
    where_task.push_request(headers={HEADER: str(beta.id)})

    assert where_task() == beta.slug
    where_task.pop_request()


@pytest.mark.parametrize("status", [TenantStatus.SUSPENDED, TenantStatus.CLOSING, TenantStatus.MAINTENANCE])
def test_nothing_is_done_for_a_tenant_that_is_not_served(alpha, where_task, status):
    _change(alpha, status=status)
    where_task.push_request(headers={HEADER: str(alpha.id)})

    with pytest.raises(TenantNotServed):
        where_task()
    where_task.pop_request()


def test_nothing_is_done_in_a_schema_of_another_version(alpha, where_task):
    _change(alpha, schema_version="of-tomorrow")
    where_task.push_request(headers={HEADER: str(alpha.id)})

    with pytest.raises(TenantNotServed):
        where_task()
    where_task.pop_request()


def test_old_workers_go_on_for_a_tenant_that_the_fleet_has_migrated_already(alpha, where_task):
    """While canaries are at the new version, the workers' code is of the version that they came from."""
    _change(alpha, schema_version="of-tomorrow", schema_base=code_schema_version())
    where_task.push_request(headers={HEADER: str(alpha.id)})

    assert where_task() == alpha.slug
    where_task.pop_request()


def test_a_tenant_that_is_being_set_up_is_worked_for(alpha, where_task):
    _change(alpha, status=TenantStatus.PROVISIONING)
    where_task.push_request(headers={HEADER: str(alpha.id)})

    assert where_task() == alpha.slug
    where_task.pop_request()


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"status": TenantStatus.SUSPENDED}, Outcome.PARKED),
        ({"schema_version": "of-tomorrow"}, Outcome.PARKED),
        ({"status": TenantStatus.ERASED}, Outcome.CANCELLED),
        ({"schema_version": "of-tomorrow", "schema_base": code_schema_version()}, Outcome.DONE),
        ({}, Outcome.DONE),
    ],
)
def test_an_events_handler_waits_for_the_tenant_and_is_given_up_with_it(own_database, settings, change, outcome):
    settings.EVENT_SUBSCRIPTIONS = "tests.kernel.samples.SUBSCRIPTIONS"
    settings.OUTBOX_DOORBELL = "tests.kernel.samples.note_ring"
    alpha = context_for(ALPHA_ID)
    with tenant_scope(alpha), transaction.atomic():
        publish(KettleBoiled(kettle_id=uuid4(), boiled_at=clock.now()))
    _change(alpha, **change)

    assert deliver_due() == [outcome]


def test_what_waited_for_a_suspended_tenant_goes_on_when_it_is_resumed(own_database, settings):
    settings.EVENT_SUBSCRIPTIONS = "tests.kernel.samples.SUBSCRIPTIONS"
    settings.OUTBOX_DOORBELL = "tests.kernel.samples.note_ring"
    alpha = context_for(ALPHA_ID)
    with tenant_scope(alpha), transaction.atomic():
        publish(KettleBoiled(kettle_id=uuid4(), boiled_at=clock.now()))
    suspend_tenant(actor=Actor.system("test"), tenant_id=ALPHA_ID)
    later = clock.now() + timedelta(days=30)

    with time_machine.travel(later, tick=False):
        suspended = deliver_due()
        waiting = deliver_due()
        resume_tenant(actor=Actor.system("test"), tenant_id=ALPHA_ID)
        resumed = deliver_due()

    assert (suspended, waiting, resumed) == ([Outcome.PARKED], [], [Outcome.DONE])


def _change(tenant, **fields):
    if fields:
        with platform_scope(reason="test"):
            Tenant.objects.filter(pk=tenant.id).update(**fields)


class WhereAmI(ScopedTask):
    """Answers with the slug of the tenant it runs in."""

    name = "test.where"

    def run(self):
        return current_tenant().slug


@pytest.fixture
def where_task(monkeypatch):
    task = WhereAmI()
    task.bind(Celery("test", broker="memory://", set_as_current=False))
    monkeypatch.setattr(Task, "apply_async", lambda self, *_, headers, **__: setattr(self, "sent_headers", headers))
    yield task
    # Requests lie on the class: those of a test that went wrong are not the next one's.
    while task.request_stack.top is not None:
        task.pop_request()


def test_what_waited_for_a_quarantined_tenant_goes_on_when_it_is_released(own_database, settings):
    settings.EVENT_SUBSCRIPTIONS = "tests.kernel.samples.SUBSCRIPTIONS"
    settings.OUTBOX_DOORBELL = "tests.kernel.samples.note_ring"
    with tenant_scope(context_for(ALPHA_ID)), transaction.atomic():
        publish(KettleBoiled(kettle_id=uuid4(), boiled_at=clock.now()))
    quarantine_tenant(actor=Actor.system("test"), slug="alpha", reason="looked at")
    later = clock.now() + timedelta(days=30)

    with time_machine.travel(later, tick=False):
        closed, waiting = deliver_due(), deliver_due()
        release_tenant(actor=Actor.system("test"), slug="alpha")
        released = deliver_due()

    assert (closed, waiting, released) == ([Outcome.PARKED], [], [Outcome.DONE])
