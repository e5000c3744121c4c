"""Interleaved requests to two marketplaces on real gunicorn threads: nothing foreign, everything of one's own."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from django.db import connection

from tenants.scope import owner_scope
from tests.isolation.servers import gunicorn
from tests.isolation.soak.driver import Soak
from tests.isolation.soak.pages import sites_of
from tests.isolation.soak.sabotage import EVIDENCE, SABOTAGES

pytestmark = [
    pytest.mark.proves("isolation.soak"),
    pytest.mark.servers,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("isolation-soak"),
]

SECONDS = max(10.0, 30 * float(os.environ.get("PROVE_MINUTES", "0")))
CONTROL_SECONDS = 8.0
# Every page of both marketplaces, by every client.
ENOUGH = 500
_PEOPLE = ("accounts_user", "account_emailaddress")


def test_no_answer_carries_anything_of_the_other_marketplace(world_database, count, tmp_path):
    with gunicorn("", log=tmp_path / "web.log") as port:
        tally = Soak(port, sites_of(world_database)).run(seconds=SECONDS, at_least=ENOUGH)

    count(attempts=tally.answers, failures=tally.leaks.total() + tally.errors.total())
    assert dict(tally.leaks) == {}
    assert dict(tally.errors) == {}
    assert tally.answers >= ENOUGH


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_a_seeded_leak_is_caught(world_database, count, tmp_path, sabotage):
    """Negative control: with one guard off, the same soak finds something foreign, of the kind that this guard keeps out."""
    seen = EVIDENCE[sabotage]
    with _prepared(sabotage, world_database), gunicorn(sabotage, log=tmp_path / "web.log") as port:
        tally = Soak(port, sites_of(world_database)).run(seconds=CONTROL_SECONDS, at_least=ENOUGH, until_leak=seen)

    caught = [leak for leak in tally.leaks if re.search(seen, leak)]
    count(controls=1, controls_caught=int(bool(caught)))
    assert caught, (dict(tally.leaks.most_common(5)), dict(tally.errors.most_common(5)))


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
