"""Runs of three small steps on a database of the file's own, in the platform's scope."""

from collections.abc import Generator

import pytest
from django.db import connection

from provisioning import services
from tenants.scope import owner_scope, platform_scope
from tests.provisioning.saga.journal import use, writer


@pytest.fixture(autouse=True)
def in_platform_scope(committed) -> Generator[None]:
    with platform_scope(reason="test"):
        yield


@pytest.fixture(autouse=True)
def three_steps(in_platform_scope, monkeypatch) -> None:
    """What a run consists of, unless the test says otherwise; nobody is rung for."""
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS journal; CREATE TABLE journal (id serial, run bigint, line text)")
    use(monkeypatch, writer("first"), writer("second"), writer("third"))
    monkeypatch.setattr(services, "ring", lambda _run_pk: None)
