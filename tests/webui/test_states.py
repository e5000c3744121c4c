"""Pages of a marketplace that cannot be shown."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from webui.states import state_response


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        ("unknown_host", 404, "No marketplace here"),
        ("suspended", 403, "Brightnest is closed for now"),
        ("maintenance", 503, "Brightnest is being improved"),
        ("renewing", 503, "The sandbox of Brightnest is being made anew"),
        ("paused", 503, "Nothing is lost"),
        ("closed", 410, "Brightnest has closed"),
        ("busy", 429, "Brightnest is very busy"),
    ],
)
def test_each_state_has_its_page_and_its_status(state, status, words):
    request = RequestFactory().get("/", headers={"host": "brightnest.example"})

    answer = state_response(request, state, name="Brightnest", platform_url="https://stoa.example")

    assert answer.status_code == status
    assert words in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_host_that_is_shown_is_escaped():
    request = RequestFactory().get("/", headers={"host": "<script>.example"})

    answer = state_response(request, "unknown_host")

    assert "&lt;script&gt;.example" in answer.text
    assert "<script>.example" not in answer.text


def test_a_pause_leaves_what_was_typed_and_says_when_to_send_it_again():
    request = RequestFactory().post("/", headers={"HX-Request": "true"})

    answer = state_response(request, "paused")

    assert (answer.status_code, answer["Retry-After"], answer["HX-Reswap"]) == (503, "5", "none")
    assert "HX-Refresh" not in answer
    assert "Nothing is lost" in answer["HX-Trigger"]


def test_maintenance_says_when_to_try_again_and_htmx_reloads_the_page():
    request = RequestFactory().get("/", headers={"HX-Request": "true"})

    answer = state_response(request, "maintenance")

    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["HX-Refresh"] == "true"


OWNERS_PAGE = "https://stoa.example/account/standing/brightnest/"


def shown(state, path="/"):
    request = RequestFactory().get(path)
    return state_response(request, state, name="Brightnest", platform_url="https://stoa.example", owner_url=OWNERS_PAGE).text


@pytest.mark.parametrize(
    ("state", "words"), [("suspended", "Brightnest is suspended"), ("closed", "its owners can open it again as it was")]
)
def test_whoever_runs_the_marketplace_is_led_to_where_its_owner_reads_how_it_stands(state, words):
    to_staff, to_customers = shown(state, "/manage/bookings/"), shown(state)

    assert words in to_staff
    assert words not in to_customers
    assert f'class="btn btn-primary" href="{OWNERS_PAGE}"' in to_staff
    assert f'class="btn" href="{OWNERS_PAGE}"' in to_customers
    assert "the contact in your confirmation mail" in to_customers


@pytest.mark.parametrize(
    ("state", "looks_again"),
    [
        ("maintenance", 'data-retry="503" data-retry-seconds="8"'),
        ("renewing", 'data-retry="503" data-retry-seconds="8"'),
        ("suspended", 'data-retry="403" data-retry-seconds="60"'),
        ("closed", 'data-retry="410" data-retry-seconds="60"'),
    ],
)
def test_a_page_of_a_state_that_passes_looks_again_by_itself(state, looks_again):
    assert looks_again in shown(state)


@pytest.mark.parametrize("state", ["unknown_host", "paused", "busy"])
def test_a_page_that_waits_for_its_reader_stays_as_it_is(state):
    assert "data-retry" not in shown(state)
