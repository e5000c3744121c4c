"""How long a process may go on believing what it knows of a host (R42)."""

from types import SimpleNamespace

import pytest
from django.db import connection
from redis.exceptions import ConnectionError as RedisAway

from tenants.hosts import HostCache
from tenants.models import Tenant
from tenants.scope import platform_scope


class Moment:
    """A clock that is set by hand."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def moment(monkeypatch) -> Moment:
    moment = Moment()
    monkeypatch.setattr("tenants.hosts.time", moment)
    return moment


@pytest.fixture
def named(alpha):
    """Gives alpha another name behind the caches' back, and asks one for its name."""

    def rename(name: str) -> None:
        with platform_scope(reason="test"):
            Tenant.objects.filter(pk=alpha.id).update(name=name)

    return SimpleNamespace(rename=rename, by=lambda cache: cache.get(alpha.primary_host).name)


def test_a_change_that_nobody_told_of_is_seen_after_five_seconds_and_not_asked_for_before(moment, named):
    cache = HostCache()
    named.rename("Before")
    seen = [named.by(cache)]
    named.rename("After")

    for moment.now in (100.0, 104.9, 105.0):
        seen.append(named.by(cache))

    assert seen == ["Before", "Before", "Before", "After"]


def test_a_change_that_another_process_told_of_is_seen_within_a_second(moment, named):
    here, elsewhere = HostCache(), HostCache()
    named.rename("Before")
    seen = [named.by(here)]
    named.rename("After")
    elsewhere.clear()

    for moment.now in (100.9, 101.0):
        seen.append(named.by(here))

    assert seen == ["Before", "Before", "After"]


def test_without_redis_the_five_seconds_alone_must_do(moment, named, monkeypatch):
    def away(*_args, **_kwargs):
        raise RedisAway

    monkeypatch.setattr("tenants.cache.TenantCache.get", away)
    monkeypatch.setattr("tenants.cache.TenantCache.add", away)
    cache, elsewhere = HostCache(), HostCache()
    named.rename("Before")
    seen = [named.by(cache)]
    named.rename("After")
    elsewhere.clear()

    for moment.now in (101.0, 105.0):
        seen.append(named.by(cache))

    assert seen == ["Before", "Before", "After"]


def test_a_host_that_is_known_costs_no_query(moment, alpha, django_assert_num_queries):
    cache = HostCache()
    cache.get(alpha.primary_host)

    with platform_scope(reason="test"), django_assert_num_queries(0, connection=connection):
        for moment.now in (100.0, 102.0, 104.0):
            assert cache.get(alpha.primary_host).id == alpha.id
