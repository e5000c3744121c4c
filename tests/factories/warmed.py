"""What a process of `tests.factories.children` has imported before it is forked; opens no connection."""

from __future__ import annotations

import django

django.setup()

from provisioning import steps  # noqa: E402, F401  # Django must be set up
from provisioning.fleet import engine as fleet_engine  # noqa: E402, F401
from provisioning.periodic import configured_jobs  # noqa: E402, F401
from provisioning.saga import engine  # noqa: E402, F401
