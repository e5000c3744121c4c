"""Privacy and isolation: asking for a test, watching it, reading and fetching what came of it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils.html import escape

from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.services import note_begun, note_finished, note_part
from shared_apps.isolation.types import FAMILIES, Finished, ReportState, Result, Trial, Verdict
from tenants.scope import platform_scope
from tests.backoffice.market import NOW, browser
from tests.factories.tenants import ALPHA_ID

URL = "/manage/settings/isolation/"


@pytest.fixture
def owner(as_):
    return as_("owner")


def _newest() -> IsolationReport:
    with platform_scope(reason="test"):
        return IsolationReport.objects.filter(tenant_id=ALPHA_ID).latest("id")


def _order(owner) -> IsolationReport:
    assert owner.post(URL).status_code == 303
    return _newest()


def _finish(owner, result: Result = Result.REFUSED, verdict: Verdict = Verdict.HELD) -> IsolationReport:
    report = _order(owner)
    for part, family in enumerate(FAMILIES):
        trials = [Trial(name, way, Result.REFUSED, True, "", 0.01) for name in family.attempts for way in ("in", "out")]
        if part == 0:
            trials[0] = Trial(trials[0].attempt, "in", result, True, "", 0.01)
        note_part(_newest(), part=part, family=family.id, trials=trials)
    note_finished(report, Finished(verdict, '{"format":"x"}', "ab" * 64, "cd" * 32, NOW))
    return _newest()


def test_without_a_report_the_page_says_what_one_is(owner):
    page = owner.get(URL)

    assert "No report yet" in page.text
    assert "hx-trigger" not in page.text


def test_while_it_runs_the_page_tells_how_far_it_is_and_asks_again(owner):
    report = _order(owner)
    waiting = owner.get(URL)
    note_begun(report)
    note_part(_newest(), part=0, family="objects", trials=[])

    page, part = owner.get(URL), owner.get(URL, headers={"hx-request": "true"})

    assert "about to begin" in waiting.text
    for text in (page.text, part.text):
        assert f"1 of {len(FAMILIES)} parts are done. Now: {FAMILIES[1].label}" in text
        assert 'hx-trigger="load delay:1s"' in text
    assert "<html" not in part.text


def test_a_clean_report_says_so_and_names_everything_that_was_tried(owner):
    report = _finish(owner)

    listing, page = owner.get(URL), owner.get(f"{URL}{report.outside_id}/")

    assert f"{URL}{report.outside_id}/" in listing.text
    assert "All refused" in listing.text
    assert "were refused, after the same act had succeeded on the own side" in page.text
    assert "Got through</span>" not in page.text
    for family in FAMILIES:
        assert escape(str(family.label)) in page.text
    assert page.text.count('<th scope="row">') == sum(len(family.attempts) for family in FAMILIES)


def test_a_report_in_which_something_got_through_is_red(owner):
    report = _finish(owner, Result.REACHED, Verdict.BROKEN)

    page = owner.get(f"{URL}{report.outside_id}/")

    assert "notice-bad" in page.text
    assert "1 of 74 attempts got through. This must not be." in page.text


def test_a_report_that_could_not_try_everything_promises_nothing(owner):
    report = _finish(owner, Result.UNTRIED, Verdict.INCOMPLETE)

    page = owner.get(f"{URL}{report.outside_id}/")

    assert "notice-warn" in page.text
    assert "what could not be tried proves nothing" in page.text


def test_the_file_holds_the_signed_words_as_they_are(owner):
    report = _finish(owner)

    answer = owner.get(f"{URL}{report.outside_id}/report.json")

    assert report.document in answer.text
    assert json.loads(answer.text)["signature"] == {"algorithm": "ed25519", "key": report.key, "value": report.signature}
    assert answer["Content-Disposition"] == f'attachment; filename="alpha-isolation-{NOW:%Y-%m-%d}.json"'


def test_asking_again_at_once_is_refused_and_says_for_how_long(owner):
    _finish(owner)

    answer = owner.post(URL)

    assert answer.status_code == 409
    assert "You can ask again 3 minutes after it." in answer.text


def test_a_test_that_nobody_goes_on_with_is_shown_as_stopped(owner):
    report = _order(owner)
    with platform_scope(reason="test"):
        IsolationReport.objects.filter(pk=report.pk).update(noted_at=NOW - timedelta(minutes=11))

    page = owner.get(URL)

    assert "It stopped before it was through" in page.text
    assert "hx-trigger" not in page.text
    assert _newest().state == ReportState.WAITING


@pytest.mark.parametrize("who", ["manager", "provider"])
def test_nobody_but_owners_comes_here(as_, owner, who):
    report = _finish(owner)

    assert as_(who).get(URL).status_code == 403
    assert as_(who).post(URL).status_code == 403
    assert as_(who).get(f"{URL}{report.outside_id}/").status_code == 403
    assert as_(who).get(f"{URL}{report.outside_id}/report.json").status_code == 403


def test_the_look_alikes_owner_finds_nothing_of_it(owner, beta):
    report = _finish(owner)
    stranger = browser(beta, "owner")

    assert stranger.get(f"{URL}{report.outside_id}/").status_code == 404
    assert stranger.get(f"{URL}{report.outside_id}/report.json").status_code == 404
    assert report.outside_id not in stranger.get(URL).text


def test_settings_lead_here(owner):
    assert f'href="{URL}"' in owner.get("/manage/settings/").text
