"""Hours: the week and the dates that differ, refused beside the field, undone by one button."""

from __future__ import annotations

import re

import pytest

from tenant_apps.availability.models import DateException, WeeklyWindow
from tenants.scope import tenant_scope
from tests.backoffice.market import DATE_OFF, OTHER, PROVIDER, browser

URL = f"/manage/providers/{PROVIDER}/hours/"
DATE = {"on_date": "2026-12-24", "kind": "closed", "starts_at": "", "ends_at": "", "note": "Christmas"}


def _windows(market) -> list[tuple[int, int, int]]:
    with tenant_scope(market):
        return list(WeeklyWindow.objects.values_list("weekday", "starts_minute", "ends_minute"))


def _dates(market) -> list[tuple[str, str, int, int, str]]:
    with tenant_scope(market):
        rows = DateException.objects.values_list("on_date", "kind", "starts_minute", "ends_minute", "note")
        return [(day.isoformat(), *rest) for day, *rest in rows]


def _undo_url(page: str, part: str) -> str:
    found = re.search(rf'action="([^"]*/{part}/[^"]+)"', page)
    assert found, "there is no undo button"
    return found[1]


def test_what_is_typed_in_either_form_is_asked_about_before_it_is_left_behind(as_):
    page = as_("provider").get(URL).content.decode()
    starts = re.findall(r"(<form[^>]*>)(?:(?!</form>).)*?(?:<stoa-hours|on_date)", page, re.DOTALL)

    assert [" data-guard" in start for start in starts] == [True, True]


def test_a_week_is_set_and_undone(as_, market):
    client = as_("provider")
    week = {"hours-1-start": ["09:00", "13:00"], "hours-1-end": ["12:00", "00:00"]}

    page = client.post(URL, week, follow=True).content.decode()
    assert _windows(market) == [(1, 540, 720), (1, 780, 1440)]
    client.post(_undo_url(page, "restore"))

    assert "Tue 09:00–12:00, 13:00–midnight." in page
    assert _windows(market) == [(0, 540, 1020)]


@pytest.mark.parametrize(
    ("week", "sentence"),
    [
        ({"hours-0-start": "17:00", "hours-0-end": "09:00"}, "ends before it starts"),
        ({"hours-0-start": "09:00", "hours-0-end": ""}, "needs a start and an end"),
        ({"hours-0-start": "nine", "hours-0-end": "17:00"}, "is not a time"),
        ({"hours-0-start": ["09:00", "10:00"], "hours-0-end": ["11:00", "12:00"]}, "overlap"),
        (
            {"hours-0-start": [f"{n:02}:00" for n in range(13)], "hours-0-end": [f"{n:02}:30" for n in range(13)]},
            "more than 12 windows",
        ),
    ],
)
def test_a_week_that_cannot_be_is_refused_and_kept(as_, market, week, sentence):
    answer = as_("provider").post(URL, week | {"hours-5-start": "10:07", "hours-5-end": "14:07"})

    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["hours_form"].errors["hours"])
    assert 'value="10:07"' in answer.content.decode()
    assert _windows(market) == [(0, 540, 1020)]


def test_a_date_is_closed(as_, market):
    as_("provider").post(f"{URL}dates/", DATE)

    assert ("2026-12-24", "closed", 0, 1440, "Christmas") in _dates(market)


def test_a_date_gets_other_hours_until_midnight(as_, market):
    as_("provider").post(f"{URL}dates/", DATE | {"kind": "open", "starts_at": "18:00", "ends_at": "00:00"})

    assert ("2026-12-24", "open", 1080, 1440, "Christmas") in _dates(market)


@pytest.mark.parametrize(
    ("changes", "field", "sentence", "status"),
    [
        ({"on_date": ""}, "on_date", "required", 422),
        ({"on_date": "2026-02-30"}, "on_date", "Enter a valid date", 422),
        ({"on_date": "2026-11-15"}, "on_date", "has passed", 422),
        ({"on_date": "2226-11-15"}, "on_date", "too far ahead", 422),
        ({"on_date": "2026-12-06"}, "on_date", "already has an exception", 422),
        ({"kind": "maybe"}, "kind", "Select a valid choice", 422),
        ({"kind": "open"}, "starts_at", "Give a time", 422),
        ({"starts_at": "09:00"}, "ends_at", "Give a time", 422),
        ({"starts_at": "12:00", "ends_at": "09:00"}, "starts_at", "ends before it starts", 422),
        ({"note": "x" * 201}, "note", "at most 200", 422),
        ({"on_date": "2026-11-15", "starts_at": "12:00", "ends_at": "09:00"}, "on_date", "has passed", 422),
        ({"on_date": "2026-11-15", "starts_at": "12:00", "ends_at": "09:00"}, "starts_at", "ends before it starts", 422),
    ],
)
def test_a_date_that_cannot_be_is_refused_beside_its_field(as_, market, *, changes, field, sentence, status):
    before = _dates(market)

    answer = as_("provider").post(f"{URL}dates/", DATE | {"note": "Typed with care."} | changes)

    assert answer.status_code == status
    assert sentence in " ".join(answer.context["date_form"].errors[field])
    if field != "note":
        assert "Typed with care." in answer.content.decode()
    assert _dates(market) == before


def test_a_removed_date_comes_back_once(as_, market):
    client, before = as_("provider"), _dates(market)

    page = client.post(f"{URL}dates/{DATE_OFF}/remove/", follow=True).content.decode()
    assert _dates(market) == []
    undo = _undo_url(page, "dates/restore")
    first, second = client.post(undo), client.post(undo)

    assert _dates(market) == before
    assert (first.status_code, second.status_code) == (303, 409)


def test_an_undo_of_one_provider_is_none_for_another(as_, market):
    page = as_("provider").post(f"{URL}dates/{DATE_OFF}/remove/", follow=True).content.decode()
    moved = _undo_url(page, "dates/restore").replace(PROVIDER, OTHER)

    answer = as_("owner").post(moved)

    assert answer.status_code == 409
    assert _dates(market) == []


def test_an_undo_of_the_twin_is_none_here(as_, market, beta):
    page = browser(beta, "provider").post(f"{URL}dates/{DATE_OFF}/remove/", follow=True).content.decode()
    before = _dates(market)

    answer = as_("provider").post(_undo_url(page, "dates/restore"))

    assert answer.status_code == 409
    assert "can no longer be undone" in answer.content.decode()
    assert _dates(market) == before
