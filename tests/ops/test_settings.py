"""What the environment says of the database arrives at the connection."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
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


_REDIS = """
import json
from config.settings import test as s
broker, (sockets,) = s.CELERY_BROKER_URL, s.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"]
print(json.dumps([s.CACHES["default"]["LOCATION"], broker, sockets["address"]]))
"""


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ({"TASKS_REDIS_URL": "", "LIVE_REDIS_URL": ""}, ["redis://a", "redis://a", "redis://a"]),
        ({"TASKS_REDIS_URL": "redis://b", "LIVE_REDIS_URL": "redis://c"}, ["redis://a", "redis://b", "redis://c"]),
    ],
    ids=["one server", "three servers"],
)
def test_each_use_of_redis_may_have_a_server_of_its_own(given, used):
    given = os.environ | {"REDIS_URL": "redis://a", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"} | given

    done = subprocess.run([sys.executable, "-c", _REDIS], env=given, cwd=ROOT, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == used


@pytest.mark.parametrize("prefix", ["Stoa", "stoa-2", "2stoa", "", "st oa", "s" * 31])
def test_a_prefix_that_postgresql_would_read_otherwise_is_refused(monkeypatch, prefix):
    """Unquoted, Stoa_owner is stoa_owner: the second setup would look for the one and make the other."""
    monkeypatch.setenv("DATABASE_ROLE_PREFIX", prefix)

    with pytest.raises(ImproperlyConfigured, match="DATABASE_ROLE_PREFIX"):
        env.identifier("DATABASE_ROLE_PREFIX", "stoa")


def test_an_ordinary_prefix_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv("DATABASE_ROLE_PREFIX", "stoa_2")

    assert env.identifier("DATABASE_ROLE_PREFIX", "stoa") == "stoa_2"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:p%40ss%2Fw%3Ard@db.example:5433/stoa?connect_timeout=5",
        "postgresql://ann@127.0.0.1:5432/stoa?connect_timeout=5&sslmode=require",
    ],
)
def test_the_address_of_a_database_is_the_one_it_was_made_of(address):
    assert address_of(_database(address)) == address


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("SOME_SECRET_FILE", str(tmp_path / "key"))

    assert env.text("SOME_SECRET") == "from the file"


@pytest.mark.parametrize("value", ["postgresql://pages@db/stoa", ""])
def test_a_value_and_its_file_at_once_are_refused(monkeypatch, tmp_path, value):
    """The deployment gives pages another DATABASE_URL, and no ADMIN_DATABASE_URL: a file must not undo that."""
    (tmp_path / "address").write_text("postgresql://owner@db/stoa")
    monkeypatch.setenv("SOME_DATABASE_URL", value)
    monkeypatch.setenv("SOME_DATABASE_URL_FILE", str(tmp_path / "address"))

    with pytest.raises(ImproperlyConfigured, match="SOME_DATABASE_URL and SOME_DATABASE_URL_FILE are both set"):
        env.text("SOME_DATABASE_URL", "")
    with pytest.raises(ImproperlyConfigured, match="both set"):
        env.database("SOME_DATABASE_URL", "DATABASE_URL")


@pytest.mark.parametrize(("value", "suffix"), [("8443", ":8443"), ("", ""), (None, "")])
def test_a_port_is_a_number_and_brings_its_colon(monkeypatch, value, suffix):
    monkeypatch.delenv("SOME_PORT", raising=False)
    if value is not None:
        monkeypatch.setenv("SOME_PORT", value)

    assert env.port("SOME_PORT") == suffix


@pytest.mark.parametrize("value", [":8443", "http", "0", "65536", "-1", "８０"])
def test_what_is_no_port_is_refused(monkeypatch, value):
    monkeypatch.setenv("SOME_PORT", value)

    with pytest.raises(ImproperlyConfigured, match="SOME_PORT must be a number"):
        env.port("SOME_PORT")
