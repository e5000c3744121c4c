"""A Redis of the test's own that was in use and is stopped in mid-flight."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from kombu import pools

from config.celery import app
from ops.local.redis import LocalRedis, start_redis
from tenants.hosts import host_cache
from tenants.scope import platform_scope
from tenants.tasks import broker


@pytest.fixture
def redis(tmp_path, settings):
    """Cache and broker are on it; the connections have been used."""
    server: LocalRedis = start_redis(tmp_path / "redis", durable=False)
    before = app.conf.broker_url
    # As impatient as in production: how long a page waits is part of what is tested here.
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": server.url(), "OPTIONS": settings.REDIS_OPTIONS}}
    layer = settings.CHANNEL_LAYERS["default"]
    hosts = [layer["CONFIG"]["hosts"][0] | {"address": server.url()}]
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | {"hosts": hosts}}}
    _send_to(server.url())
    with platform_scope(reason="test"):
        cache.set("seen", 1)
    yield server
    server.stop()
    _send_to(before)


def _send_to(address: str) -> None:
    app.conf.broker_url = app.conf.broker_write_url = app.conf.broker_read_url = address
    pools.reset()
    app._pool = app.amqp._producer_pool = None
    broker.note_success()
    host_cache._redis.note_success()


@pytest.fixture
def stopped(redis) -> None:
    """It was there, and is gone."""
    redis.stop()
