"""How long a process may go on believing what it knows of a host (R42)."""

from types import SimpleNamespace

import pytest
from django.db import connection
from redis.exceptions import ConnectionError as RedisAway

from tenants import hosts, row_versions
from tenants.hosts import HostCache
from tenants.models import Domain, Tenant
from tenants.row_versions import versions_of
from tenants.scope import platform_scope
from tenants.types import DomainState


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


def test_what_is_unchanged_is_looked_at_by_one_query_for_all_hosts_in_use_and_not_built_anew(
    moment, alpha, beta, django_assert_num_queries
):
    cache = HostCache()
    before = [cache.get(tenant.primary_host) for tenant in (alpha, beta)]
    moment.now = 105.0

    with platform_scope(reason="test"), django_assert_num_queries(1, connection=connection):
        after = [cache.get(tenant.primary_host) for tenant in (alpha, beta)]

    assert [one is other for one, other in zip(before, after, strict=True)] == [True, True]


def test_a_host_that_is_looked_at_with_another_shows_its_change_then(moment, alpha, beta, named):
    cache = HostCache()
    cache.get(beta.primary_host)
    named.rename("Before")
    seen = [named.by(cache)]
    named.rename("After")
    moment.now = 103.0
    cache.forget(beta.primary_host)
    cache.get(beta.primary_host)

    seen.append(named.by(cache))

    assert seen == ["Before", "After"]


def test_a_domain_that_becomes_primary_is_a_change_of_every_host_of_its_tenant(moment, alpha):
    cache = HostCache()
    assert cache.get("alpha.localhost").primary_host == "alpha.localhost"
    with platform_scope(reason="test"):
        Domain.objects.filter(tenant_id=alpha.id).update(is_primary=False)
        Domain.objects.create(tenant_id=alpha.id, host="book.twin.example", state=DomainState.LIVE, is_primary=True)
    moment.now = 105.0

    assert cache.get("alpha.localhost").primary_host == "book.twin.example"


def test_a_host_that_begins_or_ceases_to_answer_is_seen_after_five_seconds(moment, alpha):
    cache = HostCache()
    seen = [cache.get("book.twin.example")]
    with platform_scope(reason="test"):
        domain = Domain.objects.create(tenant_id=alpha.id, host="book.twin.example", state=DomainState.LIVE)
    moment.now = 105.0
    seen.append(cache.get("book.twin.example").id)
    with platform_scope(reason="test"):
        domain.delete()
    moment.now = 110.0
    seen.append(cache.get("book.twin.example"))

    assert seen == [None, alpha.id, None]


def test_what_was_looked_at_while_it_changed_is_looked_at_again(moment, named, monkeypatch):
    cache = HostCache()
    named.rename("Before")
    named.by(cache)

    def overtaken(hosts):
        found = versions_of(hosts)
        monkeypatch.setattr("tenants.hosts.versions_of", versions_of)
        named.rename("After")
        cache.clear()
        return found

    monkeypatch.setattr("tenants.hosts.versions_of", overtaken)
    moment.now = 105.0
    named.by(cache)

    assert named.by(cache) == "After"


def test_a_sandbox_shows_the_name_that_its_source_has_now(moment, alpha, beta, named):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=beta.id).update(sandbox_of=alpha.id)
    cache = HostCache()
    named.rename("Before")
    seen = [cache.get(beta.primary_host).sandbox_of_name]
    named.rename("After")
    moment.now = 105.0

    seen.append(cache.get(beta.primary_host).sandbox_of_name)

    assert seen == ["Before", "After"]


def test_a_server_that_came_up_anew_confirms_nothing_that_the_one_before_has_told(moment, alpha, monkeypatch):
    """One that was promoted, or brought back to an earlier day, gives the same numbers to other transactions."""
    cache = HostCache()
    before = cache.get(alpha.primary_host)
    came_up_later = row_versions._VERSIONS.replace(
        "pg_postmaster_start_time()", "pg_postmaster_start_time() + interval '1 hour'"
    )
    monkeypatch.setattr(row_versions, "_VERSIONS", came_up_later)
    moment.now = 105.0

    assert cache.get(alpha.primary_host) is not before


def test_who_looked_at_the_clock_before_a_change_was_found_does_not_believe_what_it_ended(moment, named, monkeypatch):
    """Slower than the thread that found it, and that is still building what comes instead."""
    cache = HostCache()
    named.rename("Before")
    named.by(cache)
    named.rename("After")
    seen, whole = [], hosts._load

    def build_while_the_slower_one_asks(host):
        monkeypatch.setattr(hosts, "_load", whole)
        moment.now = 105.0
        seen.append(named.by(cache))
        return whole(host)

    monkeypatch.setattr(hosts, "_load", build_while_the_slower_one_asks)
    moment.now = 105.1
    named.by(cache)

    assert seen == ["After"]


def test_nothing_is_kept_for_longer_than_minutes_though_its_version_be_the_same(moment, alpha):
    cache = HostCache()
    before = cache.get(alpha.primary_host)
    for moment.now in (200.0, 400.0):
        assert cache.get(alpha.primary_host) is before
    moment.now = 405.0

    assert cache.get(alpha.primary_host) is not before
