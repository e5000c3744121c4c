"""What a process of `tests.factories.children` has imported before it is forked; opens no connection."""

from __future__ import annotations

from importlib import import_module

import django

django.setup()

for name in (
    "config.urls_platform",
    "config.urls_tenant",
    "provisioning.fleet.engine",
    "provisioning.periodic",
    "provisioning.steps",
):
    import_module(name)
