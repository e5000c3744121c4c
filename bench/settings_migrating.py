"""django-tenants out of the box (`bench.settings_default`), with the release that the fleet is brought to."""

import os

from bench.settings_default import *  # noqa: F403  # settings are star-imported by design

# Our own check speaks of the login that the comparison needs.
SILENCED_SYSTEM_CHECKS = ["tenants.E001", "tenants.W012", "auth.W004"]
MIGRATION_MODULES = {"catalog": os.environ["BENCH_RELEASE"]}
