"""Refusals become pages, or toasts for htmx, with the status that the refusal carries."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from tests.webui.urls import REFUSALS

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_becomes_a_page_with_its_own_words_and_status(client, code):
    answer = client.get(f"/refuse/{code}/")

    assert answer.status_code == REFUSALS[code].http_status
    assert "The slot &lt;b&gt;went&lt;/b&gt; a second ago." in answer.text
    assert "<!doctype html>" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_for_htmx_a_refusal_becomes_a_toast_and_swaps_nothing(client, code):
    answer = client.get(f"/refuse/{code}/", headers=HTMX)

    assert answer.status_code == REFUSALS[code].http_status
    assert answer.text == ""
    assert answer.headers["HX-Reswap"] == "none"
    assert json.loads(answer.headers["HX-Trigger"]) == {
        "stoa:toast": {"text": "The slot <b>went</b> a second ago.", "kind": "bad"}
    }


def test_going_back_in_history_gets_the_page_not_the_toast(client):
    answer = client.get("/refuse/conflict/", headers={**HTMX, "HX-History-Restore-Request": "true"})

    assert "<!doctype html>" in answer.text


def test_a_throttled_answer_says_when_to_come_back(client):
    answer = client.get("/wait/")

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [("/nowhere/", 404, "Nothing here"), ("/forbid/", 403, "not yours to open"), ("/suspect/", 400, "did not understand")],
)
def test_django_s_own_refusals_look_the_same(client, path, status, words):
    answer = client.get(path)

    assert answer.status_code == status
    assert words in answer.text


def test_a_crash_tells_nothing_of_its_cause(client):
    answer = client.get("/break/")

    assert answer.status_code == 500
    assert "Our mistake" in answer.text
    assert "secret" not in answer.text


def test_the_page_of_a_crash_runs_no_context_processor(webui_settings, client):
    template = webui_settings.TEMPLATES[0]
    processors = ["tests.webui.test_errors.failing_processor"]
    webui_settings.TEMPLATES = [{**template, "OPTIONS": {**template["OPTIONS"], "context_processors": processors}}]

    assert client.get("/break/").status_code == 500
    assert "Our mistake" in client.get("/break/").text
    with pytest.raises(ImproperlyConfigured):
        Client().get("/nowhere/")


def failing_processor(request):
    raise ImproperlyConfigured("the database is away")


def test_a_visit_to_an_address_for_forms_gets_a_page_that_says_what_is_allowed(client):
    answer = client.get("/only-post/")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "Not that way" in answer.text


def test_a_form_without_its_token_is_asked_to_be_sent_again(webui_settings):
    answer = Client(enforce_csrf_checks=True).post("/guarded/")

    assert answer.status_code == 403
    assert "open for too long" in answer.text
