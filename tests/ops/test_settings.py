"""What the environment says of the database arrives at the connection."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from ops.local.databases import address_of
from ops.local.home import ROOT

_TELL = "import json; from config.settings import test; d = test.DATABASES['default']; print(json.dumps(d, default=str))"


def _database(address: str) -> dict:
    env = os.environ | {"DATABASE_URL": address, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
    done = subprocess.run([sys.executable, "-c", _TELL], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_options_in_the_address_join_our_own():
    database = _database("postgresql://ann@db.example:5433/stoa?sslmode=verify-full&sslrootcert=/ca.pem")

    assert database["OPTIONS"] == {"connect_timeout": 5, "sslmode": "verify-full", "sslrootcert": "/ca.pem"}


def test_the_address_wins_over_our_own():
    assert int(_database("postgresql://ann@db.example/stoa?connect_timeout=9")["OPTIONS"]["connect_timeout"]) == 9


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:p%40ss%2Fw%3Ard@db.example:5433/stoa?connect_timeout=5",
        "postgresql://ann@127.0.0.1:5432/stoa?connect_timeout=5&sslmode=require",
    ],
)
def test_the_address_of_a_database_is_the_one_it_was_made_of(address):
    assert address_of(_database(address)) == address
