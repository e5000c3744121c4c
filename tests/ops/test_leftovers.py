"""Databases of tests and benchmarks: gone after their block however it ends, and never while somebody lives in them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
import pytest

from ops.local.databases import copied_database, empty_database
from ops.local.home import ROOT
from ops.local.leftovers import drop_database, drop_leftovers, hold_building, hold_template, hold_temporary

# A process that makes a database and stays in it.
_LIVE_IN = """
import os, sys
from ops.local.databases import empty_database
with empty_database(os.environ, sys.argv[1]):
    print("made", flush=True)
    sys.stdin.read()
"""


@contextmanager
def _admin() -> Generator[psycopg.Connection]:
    server = os.environ.get("ADMIN_DATABASE_URL") or os.environ["DATABASE_URL"]
    with psycopg.connect(server, dbname="postgres", autocommit=True) as admin:
        yield admin


def _exists(name: str) -> bool:
    with _admin() as admin:
        return admin.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount == 1


def _clean_up(keep: str) -> None:
    with _admin() as admin:
        hold_building(admin)
        drop_leftovers(admin, keep=keep)


@pytest.fixture
def made() -> Generator[list[str]]:
    """Names of databases, made as a test fills the list by `_make`; whatever is left of them is dropped."""
    names: list[str] = []
    yield names
    with _admin() as admin:
        for name in names:
            drop_database(admin, name)


def _make(admin: psycopg.Connection, made: list[str], name: str) -> str:
    admin.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    made.append(name)
    return name


def test_a_copy_is_dropped_also_when_its_block_fails(twins_template, django_db_setup, django_db_blocker):
    name = f"stoa_own_{os.urandom(6).hex()}"

    with pytest.raises(ZeroDivisionError), django_db_blocker.unblock(), copied_database(twins_template, name):
        _ = 1 / 0

    assert not _exists(name)


def test_an_empty_database_is_dropped_also_when_its_block_fails():
    name = f"stoa_own_{os.urandom(6).hex()}"

    with pytest.raises(ZeroDivisionError), empty_database(os.environ, name):
        _ = 1 / 0

    assert not _exists(name)


def test_a_name_that_nobody_would_clean_up_is_refused():
    with pytest.raises(ValueError, match="stoa_own_"), empty_database(os.environ, f"shop_{os.getpid()}"):
        pytest.fail("It was made.")

    assert not _exists(f"shop_{os.getpid()}")


def test_the_database_of_a_killed_process_is_dropped_and_that_of_a_living_one_is_not(twins_template):
    name = f"stoa_bench_{os.getpid()}_{os.urandom(6).hex()}"
    resident = subprocess.Popen(
        [sys.executable, "-c", _LIVE_IN, name], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )  # fmt: skip
    assert resident.stdout.readline() == b"made\n"

    _clean_up(twins_template)
    was_there_while_it_lived = _exists(name)
    resident.kill()
    resident.communicate()
    with _admin() as admin:
        hold_temporary(admin, name)  # waits until the server has seen the end
    _clean_up(twins_template)

    assert was_there_while_it_lived
    assert not _exists(name)


def test_outdated_templates_are_dropped_unless_somebody_copies_from_them(twins_template, made):
    with _admin() as admin, _admin() as reader:
        used, unused, torso = (f"stoa_template_{os.urandom(6).hex()}{end}" for end in ("", "", "_building"))
        hold_template(reader, used)
        for name in (used, unused, torso):
            _make(admin, made, name)

        _clean_up(twins_template)

        assert [_exists(name) for name in (used, unused, torso, twins_template)] == [True, False, False, True]


def test_what_is_called_otherwise_is_left_alone(twins_template, made):
    tag = os.urandom(6).hex()
    with _admin() as admin:
        names = [_make(admin, made, name) for name in (f"stoa_{tag}", f"stoa_shop_{tag}", f"own_{tag}")]

    _clean_up(twins_template)

    assert all(_exists(name) for name in names)
