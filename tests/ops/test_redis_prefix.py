"""Whoever shares a Redis shares no key: neither installations, nor the suite's workers, whose tenants have the same ids."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import redis
from django.conf import settings

from ops.local.home import ROOT
from ops.local.redis import start_redis

_WRITE = """
import django
django.setup()
from uuid import UUID
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from config.celery import ring_doorbell
from tenants.hosts import host_cache
from tenants.scope import platform_scope
with platform_scope(reason="test"):
    cache.set("greeting", "hello")
    host_cache.clear()
    ring_doorbell([UUID(int=1)])
    async_to_sync(get_channel_layer().group_send)("everybody", {"type": "hello"})
"""


@pytest.fixture
def own_redis(tmp_path):
    """A Redis with nothing in it, and nobody else."""
    server = start_redis(tmp_path, durable=False)
    yield server
    server.stop()


def _written(server, prefix: str) -> set[str]:
    """The keys that a process with this prefix adds, and the channels on which it speaks."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        "REDIS_URL": server.url(),
        "REDIS_PREFIX": prefix,
    }
    with redis.Redis.from_url(server.url(), decode_responses=True, encoding_errors="replace") as client, client.pubsub() as ear:
        ear.psubscribe("*")
        ear.get_message(timeout=10)
        before = set(client.scan_iter())
        subprocess.run([sys.executable, "-c", _WRITE], env=env, cwd=ROOT, check=True, capture_output=True)
        heard = {message["channel"] for message in iter(lambda: ear.get_message(timeout=1), None)}
        return (set(client.scan_iter()) - before) | heard


def test_two_with_prefixes_of_their_own_share_no_key(own_redis):
    one, other = _written(own_redis, "one"), _written(own_redis, "other")

    assert all(key.startswith("one") for key in one)
    assert {key.removeprefix("one") for key in one} == {key.removeprefix("other") for key in other}
    assert {
        ":platform:0:1:greeting",
        ":platform:0:1:tenants:hosts:generation",
        "-tasks:celery",
        "-live__group__everybody",
    } <= {key.removeprefix("one") for key in one}


def test_with_the_same_prefix_they_share_all(own_redis):
    """Negative control."""
    first, second = _written(own_redis, "one"), _written(own_redis, "one")

    assert "one-tasks:celery" in first
    assert second == {"one-live__group__everybody"}


def test_each_process_of_the_suite_has_a_prefix_of_its_own():
    tell = "import os, tests.plugins.servers; print(os.environ['REDIS_PREFIX'])"
    done = subprocess.run([sys.executable, "-c", tell], cwd=ROOT, check=True, capture_output=True, text=True)

    assert os.environ["REDIS_PREFIX"] == settings.REDIS_PREFIX
    assert settings.REDIS_PREFIX.startswith("test-")
    assert done.stdout.strip().startswith("test-")
    assert done.stdout.strip() != settings.REDIS_PREFIX
