"""One view for the page and for its part."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from webui.htmx import is_htmx, redirect_to, render_page, toast, trigger

HTMX = {"HX-Request": "true"}


@pytest.fixture
def rf() -> RequestFactory:
    return RequestFactory()


def test_a_visit_gets_the_whole_page_and_htmx_its_part(rf, webui_settings):
    whole = render_page(rf.get("/"), "components/empty.html", {"title": "Whole"}, partial="components/badge.html")
    part = render_page(rf.get("/", headers=HTMX), "components/empty.html", {"text": "Part"}, partial="components/badge.html")

    assert "<h2>Whole</h2>" in whole.text
    assert part.text.strip() == '<span class="badge">Part</span>'


def test_caches_are_told_that_the_answer_depends_on_who_asks(rf, webui_settings):
    answer = render_page(rf.get("/"), "components/empty.html", {"title": "x"})

    assert "HX-Request" in answer.headers["Vary"]


def test_restoring_history_is_a_visit(rf):
    request = rf.get("/", headers={**HTMX, "HX-History-Restore-Request": "true"})

    assert not is_htmx(request)


def test_after_a_write_the_browser_is_sent_on_in_the_way_it_asked(rf):
    plain = redirect_to(rf.post("/"), "/next/")
    by_htmx = redirect_to(rf.post("/", headers=HTMX), "https://other.example/next/")

    assert (plain.status_code, plain.headers["Location"]) == (303, "/next/")
    assert (by_htmx.status_code, by_htmx.headers["HX-Redirect"]) == (204, "https://other.example/next/")


def test_a_toast_joins_other_events_and_survives_any_alphabet():
    response = trigger(HttpResponse(), "rows-changed", {"count": 2})

    toast(response, "Grüße, مرحبا", undo_url="/undo/7/")

    assert response.headers["HX-Trigger"].isascii()
    assert json.loads(response.headers["HX-Trigger"]) == {
        "rows-changed": {"count": 2},
        "stoa:toast": {"text": "Grüße, مرحبا", "kind": "ok", "undo": "/undo/7/"},
    }
