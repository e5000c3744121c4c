"""The doors rule finds each banned way, and nothing else."""

import pytest

from ops.lint.doors import SOURCES, check_source
from ops.lint.running import check_files
from ops.local.home import ROOT

BAD = [
    ("DOOR01", "from django_tenants.utils import schema_context"),
    ("DOOR01", "connection.set_schema('t_1')"),
    ("DOOR01", "@tenant_context(t)\ndef f(): ..."),
    ("DOOR01", "connection.set_schema_to_public()"),
    ("DOOR01", "connection.set_tenant(t)"),
    ("DOOR02", "from tenants.scope import schema_scope"),
    ("DOOR02", "with owner_scope(reason='x'):\n    pass"),
    ("DOOR03", "TENANT_LIMIT_SET_CALLS = True"),
    ("DOOR04", "from threading import Thread"),
    ("DOOR04", "import concurrent.futures\nconcurrent.futures.ThreadPoolExecutor()"),
    ("DOOR05", "import requests"),
    ("DOOR05", "from requests import get"),
    ("DOOR05", "from urllib.request import urlopen"),
    ("DOOR05", "import httpx2 as h"),
    ("DOOR06", "import os\nos.environ['SECRET']"),
    ("DOOR06", "from os import getenv"),
    ("DOOR07", "with tenant:\n    pass"),
    ("DOOR07", "with request.tenant:\n    pass"),
    ("DOOR09", "cursor.execute('SET LOCAL ROLE t_1')"),
    ("DOOR09", "cursor.execute('reset role')"),
    ("DOOR09", "cursor.execute('SET SESSION AUTHORIZATION DEFAULT')"),
    ("DOOR09", "cursor.execute(\"SELECT set_config('role', %s, false)\")"),
    ("DOOR10", "cursor.execute('NOTIFY bookings')"),
    ("DOOR10", "cursor.execute('listen bookings')"),
    ("DOOR10", "cursor.execute('SELECT pg_notify(%s, %s)')"),
    ("DOOR10", "cursor.execute(f'ALTER SCHEMA {a} RENAME TO {b}')"),
    ("DOOR10", "cursor.execute('ALTER SCHEMA a RENAME TO b')"),
    ("DOOR08", "sync_to_async(f, thread_sensitive=False)"),
]
GOOD = [
    "from tenants.scope import tenant_scope\nwith tenant_scope(tenant):\n    pass",
    "with platform_scope(reason='x'):\n    pass",
    "from kernel.http_client import fetch",
    "sync_to_async(f, thread_sensitive=True)",
    "text = 'People listen to notify(); they rename.'",
    "cursor.execute('ALTER SCHEMA a OWNER TO b')",
    "cursor.execute('UPDATE members SET role = 1')",
    "from config import env\nenv.text('NAME')",
    "traffic.requests += 1",
]


@pytest.mark.parametrize(("code", "source"), BAD)
def test_a_banned_way_is_found(code, source):
    findings = check_source(source, "tenant_apps/bookings/services.py")

    assert {finding.code for finding in findings} == {code}


@pytest.mark.parametrize("source", GOOD)
def test_the_right_way_is_left_alone(source):
    assert check_source(source, "tenant_apps/bookings/services.py") == []


def test_the_library_may_be_named_where_its_backend_is_wrapped():
    source = "class DatabaseWrapper:\n    def f(self): self.set_tenant(1)"

    assert check_source(source, "tenants/backend/base.py") == []


def test_no_source_of_ours_goes_through_another_door():
    assert [str(finding) for finding in check_files(check_source, [ROOT / name for name in SOURCES])] == []
