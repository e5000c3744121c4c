"""One page with one list query, the same with and without tenancy."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from tenant_apps.catalog.models import Service

_TEMPLATE = """<!doctype html><title>Services</title><ul>{% for service in services %}
<li><a href="/services/{{ service.slug }}/">{{ service.title }}</a>
  {{ service.provider.display_name }}, {{ service.price_minor }}</li>
{% endfor %}</ul>"""


def services(_request: HttpRequest) -> HttpResponse:
    """Fifty services with their providers, in one query."""
    rows = Service.objects.select_related("provider").order_by("pk")[:50]
    return HttpResponse(engines["django"].from_string(_TEMPLATE).render({"services": rows}))


urlpatterns = [path("bench/", services)]
