"""Fields of our own, and refusals of the domain in a form."""

from __future__ import annotations

from datetime import time

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.utils import translation

from kernel.errors import Conflict, Invalid
from webui.forms import ColorField, StoaForm, WeekdaysField, WeeklyHoursField, add_domain_error

PAST_MIDNIGHT = "For hours past midnight, end at midnight and go on the next day."


class Service(StoaForm):
    title = forms.CharField()
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


class Week(StoaForm):
    hours = WeeklyHoursField()


def week(query: str) -> Week:
    return Week(QueryDict(query))


def test_a_refusal_that_blames_a_field_stands_beside_it():
    form = Service({"title": "Deep clean"})

    add_domain_error(form, Conflict("This title is taken.", field="title"))

    assert form.errors == {"title": ["This title is taken."]}
    assert form.errors.as_data()["title"][0].code == "conflict"


@pytest.mark.parametrize("field", [None, "price"])
def test_a_refusal_that_blames_nothing_shown_stands_above_the_form(field):
    form = Service({"title": "Deep clean"})

    add_domain_error(form, Invalid("Not now.", field=field))

    assert form.non_field_errors() == ["Not now."]


def test_errors_above_the_form_include_those_of_hidden_fields():
    form = Service({"title": "Deep clean"})
    add_domain_error(form, Invalid("Not now."))
    add_domain_error(form, Invalid("The secret is stale.", field="secret"))

    html = Template("{% load ui %}{% form_errors form %}").render(Context({"form": form}))

    assert 'role="alert"' in html
    assert "Not now." in html
    assert "The secret is stale." in html


@pytest.mark.parametrize(("typed", "clean"), [("#0F9D8A", "#0f9d8a"), ("0f9d8a", "#0f9d8a"), ("#abc", "#aabbcc")])
def test_a_colour_is_understood_as_people_write_it(typed, clean):
    assert ColorField().clean(typed) == clean


@pytest.mark.parametrize("typed", ["teal", "#12345", "#0f9d8a;}", "rgb(1,2,3)"])
def test_anything_else_is_no_colour(typed):
    with pytest.raises(forms.ValidationError, match="#0f9d8a"):
        ColorField().clean(typed)


def test_weekdays_come_in_the_order_of_the_language_and_clean_to_numbers():
    class Days(StoaForm):
        days = WeekdaysField()

    with translation.override("en-us"):
        american = [value for value, _label in Days().fields["days"].choices]
    with translation.override("de"):
        german = [label for _value, label in Days().fields["days"].choices]
    form = Days(QueryDict("days=6&days=0"))

    assert american == ["6", "0", "1", "2", "3", "4", "5"]
    assert german[0].startswith("Mo")
    assert form.is_valid()
    assert form.cleaned_data["days"] == [6, 0]


def test_weekly_hours_clean_to_sorted_windows_for_every_day():
    form = week(
        "hours-0-start=14:00&hours-0-end=18:00&hours-0-start=09:00&hours-0-end=12:00&hours-4-start=22:00&hours-4-end=00:00"
    )

    assert form.is_valid()
    assert form.cleaned_data["hours"] == {
        0: ((time(9), time(12)), (time(14), time(18))),
        1: (),
        2: (),
        3: (),
        4: ((time(22), time(0)),),
        5: (),
        6: (),
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("hours-0-start=09:00&hours-0-end=", "Monday: a window needs a start and an end."),
        ("hours-1-start=9 o'clock&hours-1-end=17:00", "Tuesday: 9 o'clock is not a time."),
        ("hours-2-start=17:00&hours-2-end=09:00", "Wednesday: a window ends before it starts. " + PAST_MIDNIGHT),
        ("hours-3-start=09:00&hours-3-end=09:00", "Thursday: a window ends before it starts. " + PAST_MIDNIGHT),
        ("hours-6-start=09:00&hours-6-end=12:00&hours-6-start=11:00&hours-6-end=13:00", "Sunday: two windows overlap."),
        ("hours-6-start=20:00&hours-6-end=00:00&hours-6-start=22:00&hours-6-end=23:00", "Sunday: two windows overlap."),
        ("hours-0-start=&hours-0-end=", "Add at least one window."),
    ],
)
def test_hours_that_make_no_sense_are_named_by_their_day(query, message):
    form = week(query)

    assert form.errors == {"hours": [message]}


def test_windows_that_only_touch_do_not_overlap():
    form = week("hours-0-start=09:00&hours-0-end=12:00&hours-0-start=12:00&hours-0-end=17:00")

    assert form.is_valid()


def test_wrong_hours_are_shown_again_as_they_were_typed():
    html = str(week("hours-2-start=17:00&hours-2-end=09:00")["hours"])

    assert 'name="hours-2-start" value="17:00"' in html
    assert 'name="hours-2-end" value="09:00"' in html


def test_stored_hours_come_back_into_the_editor_with_a_spare_row_for_empty_days():
    html = str(Week(initial={"hours": {0: ((time(9), time(17)),)}})["hours"])

    assert 'name="hours-0-start" value="09:00"' in html
    assert 'name="hours-1-start" value=""' in html


def test_unchanged_hours_count_as_unchanged():
    stored = {"hours": {0: ((time(9), time(17)),)}}

    same = Week(QueryDict("hours-0-start=09:00&hours-0-end=17:00"), initial=stored)
    other = Week(QueryDict("hours-0-start=09:00&hours-0-end=18:00"), initial=stored)

    assert not same.has_changed()
    assert other.has_changed()
