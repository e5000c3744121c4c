"""The pages, for gunicorn's threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402  # set up above
from django.urls import get_resolver  # noqa: E402  # as above

from tenants.schemas import code_schema_version  # noqa: E402  # as above

# What the first request to each kind of host would load, and its visitor wait for: a third of a second.
code_schema_version()
for urlconf in (settings.PUBLIC_SCHEMA_URLCONF, settings.ROOT_URLCONF):
    assert get_resolver(urlconf).reverse_dict
