"""A sandbox is for the team and whoever they gave a link to; no page of it passes for the real one, or is found."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client

from kernel import clock
from kernel.ids import format_public_id
from provisioning.sandboxes.sharing import LINK_LIFE, link_to
from tenant_apps.api.services import create_key
from tenant_apps.catalog.models import Service
from tenant_apps.catalog.types import SERVICE_PREFIX
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.market import browser, furnish
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.organizations import SYSTEM
from tests.provisioning.sandboxes.twins import alpha_as_sandbox

pytestmark = pytest.mark.django_db

PUBLIC = ("/", "/services/", "/providers/", "/sitemap.xml", "/nowhere/")


@pytest.fixture
def sandbox(alpha):
    with tenant_scope(alpha):
        furnish()
    return alpha_as_sandbox()


def test_a_stranger_is_told_what_this_is_and_sees_nothing_of_it(sandbox, alpha_client):
    for path in PUBLIC[:3]:
        answer = alpha_client.get(path)
        assert answer.status_code == 403, path
        assert "This is a sandbox" in answer.text
        assert "Ines" not in answer.text
        assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.control
def test_the_same_pages_of_a_marketplace_are_everybody_s(alpha, alpha_client):
    assert [alpha_client.get(path).status_code for path in PUBLIC] == [200, 200, 200, 200, 404]
    assert "X-Robots-Tag" not in alpha_client.get("/").headers
    assert "sandbox-bar" not in alpha_client.get("/").text


def test_the_team_walks_about(sandbox):
    owner = browser(sandbox, "owner")

    assert [owner.get(path).status_code for path in ("/", "/services/", "/manage/")] == [200, 200, 200]


def test_a_customer_of_the_marketplace_is_a_stranger_here(sandbox):
    member = browser(sandbox, "customer")

    assert member.get("/").status_code == 403


def test_the_link_opens_it_to_whoever_has_it_until_its_week_is_over(sandbox, alpha_client):
    path = urlsplit(link_to(sandbox)).path

    assert alpha_client.get(path).status_code == 302
    assert alpha_client.get("/").status_code == 200
    with time_machine.travel(clock.now() + LINK_LIFE + timedelta(minutes=1), tick=False):
        assert Client(headers={"host": "alpha.localhost"}).get(path).status_code == 404
        assert alpha_client.get("/").status_code == 403


def test_a_link_opens_its_own_sandbox_only_and_no_settings(sandbox, beta, alpha_client):
    path = urlsplit(link_to(beta)).path
    assert alpha_client.get(path).status_code == 404

    alpha_client.get(urlsplit(link_to(sandbox)).path)

    assert alpha_client.get("/manage/settings/").status_code == 302


def test_outside_of_a_sandbox_the_link_is_nothing(alpha, alpha_client):
    assert alpha_client.get(urlsplit(link_to(alpha)).path).status_code == 404


def test_every_answer_asks_search_engines_to_stay_away(sandbox, alpha_client):
    answers = [alpha_client.get(path) for path in (*PUBLIC, "/robots.txt", "/accounts/login/")]

    assert {answer.headers["X-Robots-Tag"] for answer in answers} == {"noindex, nofollow"}
    robots = alpha_client.get("/robots.txt")
    assert (robots.status_code, robots.text) == (200, "User-agent: *\nDisallow: /\n")


@pytest.mark.parametrize("package", ["base", "campus", "fresh", "noir"])
def test_the_bar_is_above_every_page_in_every_theme(sandbox, package):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(theme_package=package)
    owner = browser(sandbox, "owner")

    for path in ("/", "/services/", "/manage/", "/manage/settings/", "/accounts/profile/", "/nowhere/"):
        page = owner.get(path).text
        assert "Sandbox of Twin Market" in page, path
        assert page.count('class="sandbox-bar"') == 1, path


def test_who_is_about_to_come_in_finds_the_door(sandbox, alpha_client):
    assert alpha_client.get("/accounts/login/").status_code == 200
    assert alpha_client.get("/enter/").status_code == 302


def test_programs_show_a_key_for_what_is_open_elsewhere_too(sandbox, alpha_client):
    """What is for sale there is what is being tried out."""
    with tenant_scope(sandbox):
        service = format_public_id(SERVICE_PREFIX, Service.objects.earliest("pk").public_id)
        text = create_key(actor=SYSTEM, name="Website", scopes=["bookings:read"]).text

    for path in (f"/api/v1/{address}" for address in ("services", f"services/{service}", "openapi.json")):
        refused = alpha_client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (401, "key_missing"), path
        assert alpha_client.get(path, headers={"authorization": "Bearer nonsense"}).status_code == 401, path
        assert alpha_client.get(path, headers={"authorization": f"Bearer {text}"}).status_code == 200, path
    assert alpha_client.get(f"/api/v1/services/{service}/availability").status_code == 401
    assert alpha_client.post("/api/v1/bookings", {}, content_type="application/json").status_code == 401
    assert alpha_client.get("/api/v1/bookings/bkg_1", headers={"booking-token": "one"}).status_code == 401


def test_the_reference_of_the_api_is_a_page_like_any_other(sandbox, alpha_client):
    assert alpha_client.get("/api/v1/docs", headers={"authorization": "Bearer nonsense"}).status_code == 403
    assert browser(sandbox, "owner").get("/api/v1/docs").status_code == 200


@pytest.mark.control
def test_in_a_marketplace_what_is_for_sale_is_everybody_s(alpha_client):
    assert alpha_client.get("/api/v1/services").status_code == 200
