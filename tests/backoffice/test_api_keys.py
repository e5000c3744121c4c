"""Keys for the organization's programs: made with a name and scopes, shown once, revoked by name."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tenant_apps.api.models import ApiKey
from tenant_apps.api.types import SCOPE_LABELS, SCOPES
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.market import KEY, browser

KEYS = "/manage/settings/api-keys/"
REVOKE = f"{KEYS}{KEY}/revoke/"
WISH = {"name": "Website", "scopes": ["bookings:read", "services:read"]}
_TEXT = re.compile(r"stoa_tenant_alpha_[0-9a-f]{48}")


def _keys(tenant) -> list[ApiKey]:
    with tenant_scope(tenant):
        return list(ApiKey.objects.order_by("pk"))


def _asks(tenant, text: str) -> int:
    client = Client(headers={"host": tenant.primary_host, "authorization": f"Bearer {text}"})
    return client.get("/api/v1/bookings").status_code


def _take_the_api_away(tenant) -> None:
    with platform_scope(reason="test"):
        row = Tenant.objects.get(pk=tenant.id)
        Tenant.objects.filter(pk=tenant.id).update(entitlements=row.entitlements | {"api_access": False})
    host_cache._entries.clear()


def test_a_new_key_is_shown_once_and_works(as_, market):
    client = as_("owner")

    answer = client.post(KEYS, WISH)

    text = _TEXT.search(answer.text)[0]
    assert answer.status_code == 201
    assert answer["Cache-Control"].startswith("max-age=0")
    assert "no-store" in answer["Cache-Control"]
    assert _asks(market, text) == 200
    page = client.get(KEYS).text
    assert text not in page
    assert f"…{text[-4:]}" in page
    assert "Read all bookings with their customers · Read services and free times" in page


def test_only_a_fingerprint_is_stored(as_, market):
    text = _TEXT.search(as_("owner").post(KEYS, WISH).text)[0]

    (_till, made) = _keys(market)
    assert (made.name, made.scopes, made.created_by) == ("Website", ["bookings:read", "services:read"], "owner@twin.example")
    assert text not in str(vars(made))


@pytest.mark.parametrize(
    ("wish", "field", "sentence"),
    [
        ({"name": "", "scopes": ["bookings:read"]}, "name", "required"),
        ({"name": "Website"}, "scopes", "Choose at least one"),
        ({"name": "Website", "scopes": ["everything"]}, "scopes", "everything"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_beside_its_field_and_keeps_what_was_typed(as_, market, wish, field, sentence):
    answer = as_("owner").post(KEYS, wish)

    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert f'value="{wish["name"]}"' in answer.text or not wish["name"]
    assert len(_keys(market)) == 1


def test_a_revoked_key_opens_nothing_and_stays_to_be_read(as_, market):
    client = as_("owner")
    text = _TEXT.search(client.post(KEYS, WISH).text)[0]
    reference = _keys(market)[-1].reference

    answer = client.post(f"{KEYS}{reference}/revoke/", {"confirm_name": "Website"}, follow=True)

    assert "“Website” is revoked." in answer.text
    assert "Opens nothing since" in answer.text
    assert _asks(market, text) == 401


def test_without_the_right_name_nothing_is_revoked(as_, market):
    answer = as_("owner").post(REVOKE, {"confirm_name": "till"})

    assert answer.status_code == 422
    assert "This is not its name" in answer.text
    assert _keys(market)[0].revoked_at is None


def test_the_twins_key_of_the_same_id_stays(as_, market, beta):
    as_("owner").post(REVOKE, {"confirm_name": "Till"})

    assert _keys(market)[0].revoked_at is not None
    assert _keys(beta)[0].revoked_at is None


def test_a_plan_without_the_api_says_so_and_makes_no_key(market):
    _take_the_api_away(market)
    client = browser(market, "owner")

    page, answer = client.get(KEYS), client.post(KEYS, WISH)

    assert "The API is not part of your plan. Move to a larger plan" in page.text
    assert "Make the key" not in page.text
    assert answer.status_code == 402
    assert "API is not part of your plan." in answer.text
    assert len(_keys(market)) == 1


def test_a_key_can_be_revoked_whatever_the_plan(market):
    _take_the_api_away(market)

    browser(market, "owner").post(REVOKE, {"confirm_name": "Till"})

    assert _keys(market)[0].revoked_at is not None


def test_without_keys_the_page_says_what_they_are_for(as_, market):
    with tenant_scope(market):
        ApiKey.objects.all().delete()

    assert "Make one for each program" in as_("owner").get(KEYS).text


def test_the_settings_lead_to_the_keys(as_):
    assert f'href="{KEYS}"' in as_("owner").get("/manage/settings/").text


def test_every_scope_has_words():
    assert set(SCOPE_LABELS) == set(SCOPES)
