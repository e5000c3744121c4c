"""The suite's settings with a deployment's limits for requests: whom they protect is what is measured."""

from config.settings import base
from config.settings.test import *  # noqa: F403  # settings are star-imported by design

REQUEST_LIMITS = base.REQUEST_LIMITS
