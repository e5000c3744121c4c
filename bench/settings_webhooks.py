"""The suite's settings with Stripe's secret set, and an app that wants to know of customers."""

from importlib import import_module

from config.settings.test import *  # noqa: F403  # settings are star-imported by design
from config.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "bench.webhook_app.WebhookApp"]
STRIPE_SECRET_KEY = "sk_test_bench"  # noqa: S105  # of nobody
STRIPE_WEBHOOK_SECRETS = ["whsec_bench"]
# As it is served: the suite gathers no bells.
BELLS_GATHERED_MS = import_module("config.settings.base").BELLS_GATHERED_MS
