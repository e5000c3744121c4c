"""Of whom nothing is a trace: others whose name, host or address only contains its own, words of ours, and who came back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection

from provisioning.erasing.people import forget_people
from provisioning.erasing.services import order_erasure
from provisioning.erasing.traces import emails_in, exactly, word_exactly
from provisioning.errors import RunNotReady
from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.services import retry_run
from provisioning.steps import erasing as steps
from provisioning.types import RunKind, RunState
from shared_apps.accounts.models import User
from shared_apps.audit.services import record
from shared_apps.closing.services import close_organization
from shared_apps.entry.models import Ownership
from shared_apps.plans.services import load_default_plans
from tenants.context import TenantContext
from tenants.models import Domain, ReservedName, Tenant
from tenants.scope import owner_scope, platform_scope
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.organizations import SYSTEM, again, requested


def a_host_that_ends_with_its_own(tenant: TenantContext) -> None:
    Domain.objects.create(tenant_id=ALPHA_ID, host=f"the-{tenant.slug}.localhost")


def a_host_that_begins_with_its_own(tenant: TenantContext) -> None:
    Domain.objects.create(tenant_id=ALPHA_ID, host=f"book.{tenant.slug}.com.au")


def an_owner_at_the_same_mail_service(tenant: TenantContext) -> None:
    User.objects.create(email=f"joann@{tenant.slug}.example", password="!")


def a_name_that_begins_with_its_own(tenant: TenantContext) -> None:
    ReservedName.objects.create(slug=f"{tenant.slug}-two", holder=uuid4())


def somebody_who_tried_for_another_name(tenant: TenantContext) -> None:
    facts = {"name": tenant.name, "owner_email": f"member-{tenant.slug}@world.example"}
    requested(f"else-{uuid4().hex[:6]}", **facts)


def a_host_in_the_cache(tenant: TenantContext) -> None:
    cache.set(f"seen:{uuid4().hex}", {"host": f"the-{tenant.slug}.localhost"})


OTHERS: list[Callable[[TenantContext], None]] = [
    a_host_that_ends_with_its_own,
    a_host_that_begins_with_its_own,
    an_owner_at_the_same_mail_service,
    a_name_that_begins_with_its_own,
    somebody_who_tried_for_another_name,
    a_host_in_the_cache,
]


@pytest.fixture
def others(closed) -> Iterator[None]:
    """All of them, until the end of the test."""
    with platform_scope(reason="test"):
        for leave in OTHERS:
            leave(closed)
        yield
        Domain.objects.filter(host__contains=closed.slug).delete()
        forget_people(User.objects.filter(email=f"joann@{closed.slug}.example"))


def erasing_of(tenant: TenantContext) -> Run:
    return order_erasure(actor=SYSTEM, tenant_id=tenant.id, confirmed_name=tenant.slug)


def test_whoever_is_only_called_alike_holds_up_no_proof(closed, others):
    run = erasing_of(closed)

    assert advance(run.pk) == RunState.DONE, again(run).error
    with platform_scope(reason="test"):
        assert Domain.objects.filter(host=f"the-{closed.slug}.localhost").exists()
        assert User.objects.filter(email=f"joann@{closed.slug}.example").exists()
        assert Run.objects.filter(request__name=closed.name, tenant_id=None).exists()


# What stays on record has these words: steps, kinds of runs, acts, the time zone and the kind of market that were asked for.
@pytest.mark.parametrize("name", ["Records", "Archive", "London", "Tutoring", "Organization"])
def test_whoever_is_called_like_a_word_of_ours_is_erased_to_the_end(committed, name):
    with platform_scope(reason="test"):
        load_default_plans()
    made = requested(f"{name.lower()}-{uuid4().hex[:6]}", name=name, time_zone="Europe/London")
    assert advance(made.pk) == RunState.DONE, again(made).error
    close_organization(actor=SYSTEM, tenant_id=again(made).tenant_id)

    run = order_erasure(actor=SYSTEM, tenant_id=again(made).tenant_id, confirmed_name=made.request["slug"])

    assert advance(run.pk) == RunState.DONE, again(run).error
    assert set(again(made).request.values()) == {""}


@pytest.mark.control
def test_its_name_in_words_of_somebody_is_found_all_the_same(closed, monkeypatch):
    look = steps.look_everywhere

    def look_after_leaving(*args, **kwargs):
        record(action="plan.edited", actor_label="op", actor_kind="operator", reason=f"Asked by\n{closed.name}, by phone")
        return look(*args, **kwargs)

    monkeypatch.setattr(steps, "look_everywhere", look_after_leaving)
    run = erasing_of(closed)

    assert advance(run.pk) == RunState.FAILED
    assert again(run).error == "Something of it is left in: table audit_auditentry."


def test_an_owner_who_founded_another_one_since_is_no_trace(closed, monkeypatch):
    with platform_scope(reason="test"):
        email = Run.objects.get(tenant_id=closed.id, kind=RunKind.CREATE_ORGANIZATION).request["owner_email"]
    run = erasing_of(closed)
    monkeypatch.setattr(steps.ForgetCache, "do", _not_now)
    assert advance(run.pk) == RunState.FAILED
    monkeypatch.undo()
    with platform_scope(reason="test"):
        assert not User.objects.filter(email=email).exists()
        back = User.objects.create(email=email, password="!")
        Ownership.objects.create(user=back, tenant=Tenant.objects.get(pk=ALPHA_ID), member_id=uuid4())
    retry_run(actor=SYSTEM, run_id=run.public_id)

    state = advance(run.pk)

    with platform_scope(reason="test"):
        Ownership.objects.filter(user=back).delete()
        forget_people([back])
    assert state == RunState.DONE, again(run).error


def _not_now(*_: object) -> None:
    raise RunNotReady("not now")


TEXTS = [
    ("nest.example", "https://nest.example/", True),
    ("nest.example", '"nest.example"', True),
    ("nest.example", "Closed: nest.example.", True),
    ("nest.example", '"so:\\nnest.example"', True),
    ("nest.example", "bright-nest.example", False),
    ("nest.example", "book.nest.example", False),
    ("nest.example", "nest.example.org", False),
    ("lee@mail.example", "to=lee@mail.example", True),
    ("lee@mail.example", "{'lee@mail.example': 550}", True),
    ("lee@mail.example", "ashlee@mail.example", False),
    ("lee@mail.example", "ash.lee@mail.example", False),
    ("0f8e", "t_0f8e.zip", True),
]
WORDS = [
    ("bright", "Dear Bright,", True),
    ("bright", "/account/closed/bright/", True),
    ("bright", "bright_logo.png", True),
    ("bright", '"so:\\nbright"', True),
    ("bright", "brightness", False),
    ("bright", "bright-side", False),
    ("свет", "«Свет»", True),
    ("свет", "Светлана", False),
]
SAMPLES = [(exactly(trace), text, found) for trace, text, found in TEXTS]
SAMPLES += [(word_exactly(word), text, found) for word, text, found in WORDS]


@pytest.mark.parametrize(("pattern", "text", "is_there"), SAMPLES)
def test_python_and_postgresql_find_a_trace_where_it_is_no_part_of_anothers(db, pattern, text, is_there):
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT %s ~* %s", [text, pattern])
        assert cursor.fetchone() == (is_there,)
    assert bool(re.search(pattern, text.lower())) is is_there


@pytest.mark.parametrize(
    "text", ["to=lee@mail.example", "{'lee@mail.example': (550,)}", '"so:\\nlee@mail.example"', "<Lee@Mail.example>."]
)
def test_an_address_is_read_without_what_stands_around_it(text):
    assert emails_in(text) == {"lee@mail.example"}
