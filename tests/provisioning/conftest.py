"""A database per file, for tests that commit; each test leaves the tables of provisioning empty."""

import os
import signal
import time
from collections.abc import Generator
from multiprocessing.process import BaseProcess

import pytest
from django.core.management import call_command
from django.db import connection

from ops.local.databases import copied_database
from tenants.scope import owner_scope
from tests.factories.children import child, living
from tests.factories.tenants import ALPHA_ID, BETA_ID

_TABLES = """provisioning_run, provisioning_step, provisioning_pooledschema, tenants_reservedname, tenants_releasedname,
    outbox_message, provisioning_fleetrun, provisioning_quarantine, billing_subscription, billing_billingaccount,
    billing_billingcommand, business_mrrentry, billing_formermonth"""


@pytest.fixture(scope="module")
def database_of_the_file(twins_template, django_db_blocker) -> Generator[str]:
    """Copying the template takes a good part of a second; emptying some tables does not."""
    name = f"stoa_file_{os.urandom(6).hex()}"
    with django_db_blocker.unblock(), copied_database(twins_template, name):
        yield name


@pytest.fixture
def committed(database_of_the_file) -> Generator[None]:
    """What the test writes is committed, and gone after it."""
    yield
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLES} CASCADE")
        cursor.execute("DELETE FROM tenants_domain WHERE tenant_id NOT IN (%s, %s)", [ALPHA_ID, BETA_ID])
        cursor.execute("DELETE FROM tenants_tenant WHERE id NOT IN (%s, %s)", [ALPHA_ID, BETA_ID])


@pytest.fixture
def sweeper(plans, tmp_path) -> Generator[BaseProcess]:
    """A sweeper's process that has started and holds its breath until the workers are dead."""
    log = tmp_path / "sweeper.log"
    log.touch()
    with living(child(call_command, "sweeper", "--seconds=0.5", log=log)) as process:
        while b"sweeper runs" not in log.read_bytes():
            assert process.is_alive(), log.read_text()
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGSTOP)
        yield process
