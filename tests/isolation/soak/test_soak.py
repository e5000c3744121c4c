"""Interleaved requests to two marketplaces on real gunicorn threads: nothing foreign, everything of one's own."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from django.db import connection

from tenants.scope import owner_scope
from tests.isolation.soak.driver import KINDS, Soak
from tests.isolation.soak.errands import cancelled_bookings, forget_bookings, strays
from tests.isolation.soak.pages import sites_of
from tests.isolation.soak.sabotage import EVIDENCE, SABOTAGES
from tests.isolation.soak.serving import gunicorn

pytestmark = [
    pytest.mark.proves("isolation.soak"),
    pytest.mark.servers,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("isolation-soak"),
]

SECONDS = max(10.0, 30 * float(os.environ.get("PROVE_MINUTES", "0")))
CONTROL_SECONDS = 8.0
# What is written astray shows when the soak is over; to do each thing once is enough for that.
SHORT_SECONDS = 1.0
_PEOPLE = ("accounts_user", "account_emailaddress")


@pytest.fixture(autouse=True)
def _no_bookings_left(world_database) -> Generator[None]:
    yield
    forget_bookings(world_database)


def test_no_answer_carries_anything_of_the_other_marketplace(world_database, count, tmp_path):
    before, booked_before = strays(world_database), cancelled_bookings(world_database)

    with gunicorn("", log=tmp_path / "web.log") as port:
        soak = Soak(port, sites_of(world_database))
        tally = soak.run(seconds=SECONDS)

    astray = strays(world_database) - before
    count(attempts=tally.answers, failures=tally.leaks.total() + tally.errors.total() + len(astray))
    assert dict(tally.leaks) == {}
    assert dict(tally.errors) == {}
    assert astray == set()
    # Every page of both marketplaces was asked, and each kind of booking made at both.
    assert soak.undone() == []
    for slug, booked in cancelled_bookings(world_database).items():
        assert booked - booked_before[slug] == sum(tally.booked[slug, kind] for kind in KINDS)


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
