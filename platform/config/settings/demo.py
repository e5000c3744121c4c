"""The demo on one machine: real servers from wheels, a local mailbox, nothing switched off."""

from config import env
from config.settings import logs
from config.settings.base import *  # noqa: F403  # settings are star-imported by design
from config.settings.base import LOG_LEVEL

DEMO = True
# Whoever moves the local Stripe's time forward moves what the platform thinks of trials and debts along, and sees it at once.
STRIPE_CLOCK_FILE = env.text("STRIPE_CLOCK_FILE", "")
BILLING_ROUND_SECONDS = 2
LOGGING = logs.logging_through(logs.AS_TEXT, level=LOG_LEVEL)
# Somebody alone with a browser, or a suite with several of them: a plan's limits are for neighbours, and there are none.
REQUEST_LIMITS = {"default": {"per_second": 200, "burst": 1000, "at_once": 6}}
