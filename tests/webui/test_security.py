"""The content security policy, the headers beside it, and the reports of browsers."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace

import pytest
from django.test import Client

from webui import security

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types default; report-uri /csp-report/"
)


@pytest.mark.parametrize("path", ["/webui/gallery/", "/nowhere/", "/break/", "/only-post/"])
def test_every_page_carries_the_strict_policy(client, path):
    answer = client.get(path)

    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize(
    "sent",
    [
        {
            "csp-report": {
                "document-uri": "https://a.example/b/?token=s3cret",
                "effective-directive": "script-src-elem",
                "blocked-uri": "inline",
            }
        },
        [
            {
                "type": "csp-violation",
                "body": {
                    "documentURL": "https://a.example/b/?token=s3cret",
                    "effectiveDirective": "script-src-elem",
                    "blockedURL": "inline",
                },
            }
        ],
    ],
)
def test_a_report_is_logged_without_the_query_of_the_page(client, caplog, sent):
    with caplog.at_level(logging.WARNING, logger="webui.csp"):
        answer = client.post("/csp-report/", json.dumps(sent), content_type="application/csp-report")

    assert answer.status_code == 204
    assert [record.csp for record in caplog.records if record.name == "webui.csp"] == [
        {"page": "https://a.example/b/", "blocked": "inline", "directive": "script-src-elem", "sample": "", "line": ""}
    ]


def test_a_report_needs_no_token(webui_settings):
    answer = Client(enforce_csrf_checks=True).post("/csp-report/", "{}", content_type="application/csp-report")

    assert answer.status_code == 204


@pytest.fixture(autouse=True)
def _one_minute(monkeypatch):
    """Nothing was counted in it yet, and it does not end in the middle of a test."""
    monkeypatch.setattr(security, "time", SimpleNamespace(monotonic=lambda: 0.0))
    security._taking.forget()


BOTTOMLESS = "[" * 16_000


@pytest.mark.parametrize(
    "body",
    [
        '{"csp-report": {"document-uri": "http://["}}',
        BOTTOMLESS,
        '{"csp-report": {"sample": ' + '{"a":' * 2_000 + "1" + "}" * 2_000 + "}}",
    ],
)
def test_a_report_that_is_made_to_break_us_is_refused(client, body):
    answer = client.post("/csp-report/", body, content_type="application/csp-report")

    assert answer.status_code in {204, 400}


def test_a_flood_of_reports_does_not_fill_the_log_even_where_nobody_is_counted(client, caplog, monkeypatch):
    monkeypatch.setattr(security, "_taking", security._PerMinute(3))
    body = json.dumps([{"body": {"documentURL": "https://a.example/"}}] * 50)

    answers = [client.post("/csp-report/", body, content_type="application/csp-report").status_code for _ in range(5)]

    assert answers == [204] * 3 + [429] * 2
    assert len([record for record in caplog.records if record.name == "webui.csp"]) == 3 * 10


@pytest.mark.parametrize("body", ["not json", "", b"\xff\xfe"])
def test_a_report_that_cannot_be_read_is_refused(client, body):
    answer = client.post("/csp-report/", body, content_type="application/csp-report")

    assert answer.status_code == 400


@pytest.mark.parametrize("body", ["3", "null", '["x"]', '{"csp-report": 3}', '{"csp-report": {"document-uri": 3}}'])
def test_a_report_of_another_shape_does_no_harm(client, body):
    answer = client.post("/csp-report/", body, content_type="application/csp-report")

    assert answer.status_code == 204


def test_a_huge_report_is_not_read(client, caplog):
    answer = client.post(
        "/csp-report/", json.dumps({"csp-report": {"sample": "x" * 20_000}}), content_type="application/csp-report"
    )

    assert answer.status_code == 413
    assert not [record for record in caplog.records if record.name == "webui.csp"]


def test_a_visit_to_the_address_of_reports_is_refused(client):
    assert client.get("/csp-report/").status_code == 405
