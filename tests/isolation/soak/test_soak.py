"""Interleaved requests to two marketplaces on real gunicorn threads: nothing foreign, everything of one's own."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from django.db import connection

from provisioning import services
from provisioning.saga.engine import advance
from provisioning.types import RunState
from tenant_apps.catalog.models import Category, Service
from tenants.hosts import context_for
from tenants.scope import owner_scope, tenant_scope
from tests.isolation.marks import Marks
from tests.isolation.soak.driver import KINDS, Soak
from tests.isolation.soak.errands import cancelled_bookings, forget_bookings, strays
from tests.isolation.soak.pages import Site, site_of_the_crowd, sites_of
from tests.isolation.soak.sabotage import EVIDENCE, SABOTAGES
from tests.isolation.soak.serving import gunicorn
from tests.isolation.stock import Filler
from tests.isolation.world import TWIN
from tests.provisioning.organizations import again, requested

SECONDS = max(10.0, 30 * float(os.environ.get("PROVE_MINUTES", "0")))
# A slow machine takes up to five times as long (driver.Soak.run), however many minutes a night has.
pytestmark = [
    pytest.mark.proves("isolation.soak"),
    pytest.mark.servers,
    pytest.mark.timeout(900 + 6 * SECONDS),
    pytest.mark.xdist_group("isolation-soak"),
]

CONTROL_SECONDS = 8.0
# Fifty marketplaces with the twins where the default of `make prove` is asked for, and never fewer than six.
CROWD = min(48, max(4, round(4.8 * float(os.environ.get("PROVE_MINUTES", "0")))))
# What is written astray shows when the soak is over; to do each thing once is enough for that.
SHORT_SECONDS = 1.0
_PEOPLE = ("accounts_user", "account_emailaddress")


@pytest.fixture(autouse=True)
def _no_bookings_left(world_database) -> Generator[None]:
    yield
    forget_bookings(world_database)


@pytest.fixture
def crowd(world_database, monkeypatch) -> list[Site]:
    """More marketplaces, made as a sign-up makes them and filled with the same ids, slugs and people as the twins."""
    monkeypatch.setattr(services, "ring", lambda _run_pk: None)
    return [_one_more(f"crowd{number:02d}", world_database) for number in range(CROWD)]


def _one_more(slug: str, world) -> Site:
    run = requested(slug)
    assert advance(run.pk) == RunState.DONE, again(run).error
    tenant = context_for(again(run).tenant_id)
    with tenant_scope(tenant):
        # What a sign-up brings has no canary, and would be shown first.
        Service.objects.all().delete()
        Category.objects.all().delete()
        Filler(Marks(slug), TWIN, world.now).fill()
    return site_of_the_crowd(tenant, world.now)


def test_no_answer_carries_anything_of_another_marketplace(world_database, crowd, count, tmp_path):
    before, booked_before = strays(world_database), cancelled_bookings(world_database)

    with gunicorn("", log=tmp_path / "web.log") as port:
        soak = Soak(port, [*sites_of(world_database), *crowd])
        tally = soak.run(seconds=SECONDS)

    astray = strays(world_database) - before
    count(attempts=tally.answers, failures=tally.leaks.total() + tally.errors.total() + len(astray))
    assert dict(tally.leaks) == {}
    assert dict(tally.errors) == {}
    assert astray == set()
    # Every page of all marketplaces was asked, and each kind of booking made at both twins.
    assert soak.undone() == []
    for slug, booked in cancelled_bookings(world_database).items():
        assert booked - booked_before[slug] == sum(tally.booked[slug, kind] for kind in KINDS)


@pytest.mark.control
@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_a_seeded_leak_is_caught(world_database, count, tmp_path, sabotage):
    """Negative control: with one guard off, the same soak finds something foreign, of the kind that this guard keeps out."""
    seen, before = EVIDENCE[sabotage], strays(world_database)
    how = {"seconds": SHORT_SECONDS} if seen.startswith("^schema") else {"seconds": CONTROL_SECONDS, "until_leak": seen}
    with _prepared(sabotage, world_database), gunicorn(sabotage, log=tmp_path / "web.log") as port:
        tally = Soak(port, sites_of(world_database)).run(**how)

    caught = [leak for leak in {*tally.leaks, *(strays(world_database) - before)} if re.search(seen, leak)]
    count(controls=1, controls_caught=int(bool(caught)))
    assert caught, (dict(tally.leaks.most_common(5)), dict(tally.errors.most_common(5)))


@pytest.mark.control
def test_a_page_that_nobody_asked_and_a_booking_that_nobody_made_are_named(world_database):
    """Negative control: a soak that has not begun has done nothing of what it is there for."""
    sites = sites_of(world_database)

    assert len(Soak(0, sites).undone()) == sum(len(site.pages) for site in sites) + 2 * len(KINDS)


@contextmanager
def _prepared(sabotage: str, world) -> Generator[None]:
    """Most leaks need no help; the one through `public` shows where a tenant's tables are missing."""
    if sabotage != "public_on_the_path":
        yield
        return
    _rename(world, "{}", "{}_gone")
    yield
    _rename(world, "{}_gone", "{}")


def _rename(world, before: str, after: str) -> None:
    with owner_scope(reason="test"), connection.cursor() as cursor:
        for tenant in world.twins:
            for table in _PEOPLE:
                cursor.execute(f"ALTER TABLE {tenant.schema}.{before.format(table)} RENAME TO {after.format(table)}")


def test_every_leak_that_can_be_seeded_says_what_shows_it():
    assert set(EVIDENCE) == set(SABOTAGES)
