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
