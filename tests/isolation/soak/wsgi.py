"""What the soak's gunicorn serves: the real application, with the leak seeded that STOA_SABOTAGE names."""

import os

import django
from django.conf import settings

django.setup()
settings.ROOT_URLCONF = "tests.isolation.soak.urls"

from tenants import rates  # noqa: E402  # Django must be set up
from tests.isolation.soak.sabotage import apply_sabotage  # noqa: E402  # Django must be set up

apply_sabotage(os.environ.get("STOA_SABOTAGE", ""))

# All of the soak's clients have one address, and ask more of the API than any client may.
rates._require = lambda rate, seen: None

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402  # it builds the middleware, which the sabotage may change

application = WSGIHandler()
