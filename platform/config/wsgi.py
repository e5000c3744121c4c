"""The pages, for gunicorn's threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
application = get_wsgi_application()

from config.warming import warm_up  # noqa: E402  # Django is set up above
from integrations.telemetry import start_telemetry  # noqa: E402  # as above

start_telemetry("web")

warm_up()
