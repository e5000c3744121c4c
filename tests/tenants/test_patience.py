"""Tables in use are changed between other people's transactions, not over them."""

import pytest
from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection, transaction

from tenants import schemas
from tenants.patience import patiently
from tenants.schemas import migrate_public
from tenants.scope import platform_scope
from tenants.wall import admin_connection


def _taken() -> None:
    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10ms'; LOCK TABLE tenants_tenant IN ACCESS EXCLUSIVE MODE")


def test_a_lock_that_is_free_again_is_had_at_a_later_try(own_database):
    tries: list[float] = []

    def act() -> None:
        with platform_scope(reason="test"), transaction.atomic():
            _taken()

    with admin_connection(settings.DATABASES["default"]["NAME"]) as reader:
        reader.execute("BEGIN; LOCK TABLE tenants_tenant IN ACCESS SHARE MODE")

        def pause(seconds: float) -> None:
            tries.append(seconds)
            if len(tries) == 3:
                reader.execute("ROLLBACK")

        patiently(act, pause=pause)

    assert tries == [0.5, 1.0, 2.0]


def test_a_lock_that_stays_ends_in_the_error(own_database):
    tries: list[float] = []

    def act() -> None:
        with platform_scope(reason="test"), transaction.atomic():
            _taken()

    with admin_connection(settings.DATABASES["default"]["NAME"]) as reader, reader.transaction():
        reader.execute("LOCK TABLE tenants_tenant IN ACCESS SHARE MODE")
        with pytest.raises(OperationalError, match="lock timeout"):
            patiently(act, pause=tries.append)

    assert len(tries) == 7


def test_another_error_is_nobodys_lock(own_database):
    def act() -> None:
        with platform_scope(reason="test"), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM nowhere")

    with pytest.raises(ProgrammingError, match="nowhere"):
        patiently(act, pause=lambda _seconds: pytest.fail("it waited"))


def test_the_platforms_tables_are_migrated_under_a_time_limit_for_locks(own_database, monkeypatch):
    seen: list[str] = []

    def look(_command: object, **_options: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            seen.append(cursor.fetchone()[0])

    monkeypatch.setattr(schemas, "call_command", look)

    migrate_public()

    assert seen == ["2s"]
