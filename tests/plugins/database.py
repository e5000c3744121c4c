"""A database per worker, copied from a template that holds two migrated tenants; built once per set of migrations."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from ops.local.databases import copied_database, template_database
from ops.local.home import ROOT


@pytest.fixture(scope="session")
def twins_template(django_db_blocker) -> Generator[str]:
    """The name of the template database."""
    from tests.factories.tenants import create_twins

    with ExitStack() as stack:
        with django_db_blocker.unblock():
            name = stack.enter_context(template_database(create_twins, depends_on=[ROOT / "tests/factories/tenants.py"]))
        yield name


@pytest.fixture(scope="session")
def django_db_setup(twins_template, django_db_blocker) -> Generator[None]:
    """Replaces pytest-django's: one copy of the template for this worker."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with django_db_blocker.unblock(), copied_database(twins_template, f"stoa_{worker}_{os.getpid()}"):
        yield


@pytest.fixture
def own_database(twins_template, django_db_blocker) -> Generator[str]:
    """A fresh copy for one test that commits, races threads or starts processes. Yields the database's name."""
    name = f"stoa_own_{os.urandom(6).hex()}"
    with django_db_blocker.unblock(), copied_database(twins_template, name):
        yield name
