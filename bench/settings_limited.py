"""The suite's settings with a deployment's limits for requests: whom they protect is what is measured."""

from config.settings.base import REQUEST_LIMITS  # noqa: F401  # as above
from config.settings.test import *  # noqa: F403  # settings are star-imported by design
