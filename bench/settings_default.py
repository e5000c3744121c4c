"""The same apps as django-tenants runs them out of the box: its own backend and migrate command, no scope, no witness."""

from config.settings import test
from config.settings.test import *  # noqa: F403  # settings are star-imported by design

DATABASES = {"default": test.DATABASES["default"] | {"ENGINE": "bench.stock_backend"}}
# The checks refuse exactly this backend.
SILENCED_SYSTEM_CHECKS = ["tenants.E001", "auth.W004"]
