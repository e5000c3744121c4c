"""The settings in two tabs: who saves one thing brings nothing else back to what the page was loaded with."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

from django.test import Client

from tenant_apps.availability.models import Blackout
from tenants.hosts import context_for, host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

URL = "/manage/settings/"
_HIDDEN = re.compile(r'<input type="hidden" name="(initial-\w+)"(?: value="([^"]*)")?')


def _loaded(client: Client) -> dict[str, str]:
    """Everything that a browser would send of the page as it is now."""
    host_cache.clear()
    page = client.get(URL)
    form = page.context["form"]
    return _remembered(page.content.decode()) | {name: str(form[name].value() or "") for name in form.fields}


def _remembered(page: str) -> dict[str, str]:
    return {name: unescape(value or "") for name, value in _HIDDEN.findall(page)}


def test_a_page_that_was_loaded_before_somebody_elses_change_leaves_that_change_alone(as_, market):
    owner, manager = as_("owner"), as_("owner")
    yesterday = _loaded(owner)

    elsewhere = {"time_zone": "America/Toronto", "locale": "en-CA", "contact_email": "hello@twin.example", "name": "Twins"}
    manager.post(URL, _loaded(manager) | elsewhere | {"brand": "#c2410c", "tagline": "Typed in the other tab"})
    answer = owner.post(URL, yesterday | {"headline": "Typed in this tab"})

    saved = context_for(market.id)
    assert answer.status_code == 303
    assert (saved.name, saved.time_zone, saved.locale) == ("Twins", "America/Toronto", "en-CA")
    assert (saved.content["headline"], saved.content["tagline"]) == ("Typed in this tab", "Typed in the other tab")
    assert (saved.content["contact_email"], saved.theme_tokens["brand"]) == ("hello@twin.example", "#c2410c")
    with tenant_scope(market):
        assert Blackout.objects.get().starts_at == datetime(2027, 1, 1, 5, tzinfo=UTC)


def test_the_look_that_is_published_is_left_alone_where_no_colour_is_chosen(as_, market):
    client = as_("owner")
    sent = _loaded(client)
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(theme_hash="0f" * 6)

    client.post(URL, sent | {"headline": "Typed in this tab"})

    assert context_for(market.id).theme_hash == "0f" * 6


def test_what_was_changed_is_saved_also_after_a_refusal(as_, market):
    client = as_("owner")
    sent = _loaded(client) | {"time_zone": "Europe/Berlin", "headline": "Typed with care"}

    refused = client.post(URL, sent | {"brand": "teal"})
    client.post(URL, sent | _remembered(refused.content.decode()))

    saved = context_for(market.id)
    assert refused.status_code == 422
    assert (saved.time_zone, saved.content["headline"]) == ("Europe/Berlin", "Typed with care")


def test_a_form_that_remembers_nothing_means_all_of_it_also_after_a_refusal(as_, market):
    """A page from before, or a program: what it says is what it wants."""
    client = as_("owner")
    sent = {name: value for name, value in _loaded(client).items() if not name.startswith("initial-")}
    sent |= {"time_zone": "Europe/Berlin"}

    refused = client.post(URL, sent | {"brand": "teal"})
    client.post(URL, sent | _remembered(refused.content.decode()))

    assert context_for(market.id).time_zone == "Europe/Berlin"


def test_one_thing_is_taken_back_by_itself(as_, market):
    client = as_("owner")
    client.post(URL, _loaded(client) | {"contact_email": "hello@twin.example", "headline": "It stays"})

    client.post(URL, _loaded(client) | {"contact_email": ""})

    saved = context_for(market.id)
    assert (saved.content["contact_email"], saved.content["headline"]) == ("", "It stays")
