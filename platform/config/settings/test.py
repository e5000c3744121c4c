"""The suite's settings: local servers that tests/conftest.py starts, mail in memory, cheap password hashes."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-and-long-enough-to-be-a-key-of-some-size")
os.environ.setdefault("DATABASE_URL", "postgresql://stoa@127.0.0.1:1/stoa")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")

from config import env
from config.settings.base import *  # noqa: F403  # the settings above must be there first; settings are star-imported by design

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# One process: it follows at once. The test of the pause sets its own.
HOST_CACHE_FOLLOWED_SECONDS = 0
# Those that a test wants it asks for itself: a sweeper's process must not add runs to what a test counts.
NIGHTLY_SNAPSHOTS = False
# Nothing is written while a test counts rows; the tests of the meter flush by hand, or ask a process of their own to.
TRAFFIC_FLUSH_SECONDS = env.number("TRAFFIC_FLUSH_SECONDS", 0)
# A bell that rings a moment later would ring in somebody else's test.
BELLS_GATHERED_MS = 0
# What is slow here is the machine; the tests of slow statements set their own.
SLOW_STATEMENT_MS = 0
# A test asks as fast as it can; those of the limits set their own.
REQUEST_LIMITS = {"default": {}}
# Whom a busy machine lets wait for Redis is not counted, and so never refused: the suite waits longer than a page may.
_patient = REDIS_OPTIONS | {"socket_timeout": 5, "socket_connect_timeout": 5}  # noqa: F405  # as above
CACHES = {"default": CACHES["default"] | {"OPTIONS": _patient}}  # noqa: F405  # as above
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
STORAGES = {
    "default": {"BACKEND": "tenants.storage.TenantFileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
