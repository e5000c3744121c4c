"""django-tenants out of the box (`bench.settings_default`), with the release that the fleet is brought to."""

import os

from bench.settings_default import *  # noqa: F403  # settings are star-imported by design

MIGRATION_MODULES = {"catalog": os.environ["BENCH_RELEASE"]}
