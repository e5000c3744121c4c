"""A lock of a session lives as long as the block that asked for it, or the block hears of its end."""

import pytest
from django.conf import settings
from django.db import connection

from tenants.errors import SessionLost
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.session_locks import _key, holding, trying, trying_apart
from tenants.wall import admin_connection

pytestmark = [pytest.mark.proves("faults.fleet"), pytest.mark.usefixtures("committed")]


EACH = pytest.mark.parametrize("lock", [holding, trying], ids=["holding", "trying"])


def _is_free(what: str) -> bool:
    """Whether somebody else could have the lock."""
    with admin_connection(settings.DATABASES["default"]["NAME"]) as other:
        is_free = other.execute("SELECT pg_try_advisory_lock(%s)", [_key(what)]).fetchone() == (True,)
        if is_free:
            other.execute("SELECT pg_advisory_unlock(%s)", [_key(what)])
        return is_free


def _gets_free(what: str) -> bool:
    """Whether somebody who waits gets the lock; a server that is busy notices the end of a session a little later."""
    with admin_connection(settings.DATABASES["default"]["NAME"]) as other:
        other.execute("SET lock_timeout = '60s'")
        other.execute("SELECT pg_advisory_lock(%s)", [_key(what)])
        return other.execute("SELECT pg_advisory_unlock(%s)", [_key(what)]).fetchone() == (True,)


def _count() -> int:
    with platform_scope(reason="test"):
        return Tenant.objects.count()


@EACH
def test_a_connection_past_its_age_stays_open_under_a_lock(lock):
    _count()
    connection.close_at = 0

    with lock("thing"):
        connection.close_if_unusable_or_obsolete()

        assert not _is_free("thing")
        assert _count() == 2
    assert connection.close_at == 0


@EACH
def test_nothing_more_runs_under_a_lock_that_went_with_its_connection(lock):
    with lock("thing"):
        connection.close()

        with pytest.raises(SessionLost, match="lock on thing"):
            _count()

        assert _gets_free("thing")
    assert _count() == 2


def test_a_lock_within_another_shares_its_fate():
    with trying("outer"):
        with trying("inner"):
            connection.close()

        with pytest.raises(SessionLost):
            _count()


def test_a_lock_apart_stays_whatever_becomes_of_the_connection():
    with trying_apart("thing") as held:
        connection.close()

        assert held
        assert _count() == 2
        assert not _is_free("thing")
    assert _is_free("thing")


def test_a_lock_that_another_has_is_not_held():
    with trying_apart("thing"), trying("thing") as held:
        assert not held
