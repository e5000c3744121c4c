"""The sockets, for uvicorn: a process of their own (ADR 0002). Pages are not served here."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
# Sets Django up before anything below imports a model.
get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  # see above

from config.urls_live import urlpatterns  # noqa: E402  # see above
from integrations.telemetry import start_telemetry  # noqa: E402  # see above
from tenants.pooling import refuse_to_start_behind_one  # noqa: E402  # see above

start_telemetry("live")
refuse_to_start_behind_one()

application = ProtocolTypeRouter({"websocket": URLRouter(urlpatterns)})
