"""The tag library `ui`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from webui.formats import minute_text, parse_locale

MOMENT = datetime(2026, 7, 13, 8, 0, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_an_icon_without_words_is_hidden_from_screen_readers():
    html = render('{% icon "arrow-right" "i-sm flip" %}')

    assert html == (
        '<svg class="i i-sm flip" aria-hidden="true" focusable="false">'
        '<use href="/static/webui/icons.svg#arrow-right"></use></svg>'
    )


def test_an_icon_with_a_label_is_an_image_and_its_label_is_escaped():
    html = render('{% icon "star" label=words %}', words='"><script>')

    assert 'role="img" aria-label="&quot;&gt;&lt;script&gt;"' in html
    assert "aria-hidden" not in html


@pytest.mark.parametrize(
    ("language", "locale", "expected"),
    [
        ("en", "en-GB", "£1,234.50"),
        ("de", "de-DE", "1.234,50\xa0£"),
        ("fr", "en-GB", "1\u202f234,50\xa0£GB"),
    ],
)
def test_money_is_written_as_the_reader_writes_it(language, locale, expected):
    with translation.override(language):
        html = render('{% money 123450 "GBP" %}', locale=locale)

    assert html == expected


def test_short_money_drops_empty_decimals_only():
    html = render('{% money 4500 "EUR" short=True %} {% money 4550 "EUR" short=True %} {% money 4500 "JPY" short=True %}')

    assert html == "€45 €45.50 ¥4,500"


def test_an_instant_is_shown_on_the_clock_of_the_zone_it_is_asked_for():
    html = render(
        '{% datetime_in moment "Europe/London" "time" %}|{% datetime_in moment "Asia/Kathmandu" "time" %}',
        moment=MOMENT,
        locale="en-GB",
    )

    assert html == "09:00|13:45"


def test_a_time_element_carries_the_instant_for_machines():
    html = render('{% time_element moment "America/Toronto" "weekday" %}', moment=MOMENT, locale="en-CA")

    assert html == '<time datetime="2026-07-13T08:00:00Z">Mon, Jul 13</time>'


def test_a_span_of_minutes_reads_as_hours_and_minutes():
    html = render("{% duration 90 %}|{% duration span %}|{% duration 0 %}", span=timedelta(hours=2))

    assert html == "1 hr, 30 min|2 hr|0 min"


def test_a_query_keeps_what_is_not_replaced_and_loses_what_is_emptied():
    request = RequestFactory().get("/services/", {"q": "deep clean", "page": "3", "kind": ["a", "b"]})

    html = render("{% query_replace page=2 q=None %}", request=request)

    assert html == "?kind=a&amp;kind=b&amp;page=2"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ('{% active "/bookings/" %}', ""),
        ('{% active "/bookings/7/" %}', ' aria-current="page"'),
        ('{% active "/bookings/" deep=True %}', ' aria-current="page"'),
    ],
)
def test_a_link_to_this_page_says_so(tag, expected):
    html = render(tag, request=RequestFactory().get("/bookings/7/"))

    assert html == expected


def test_a_pattern_made_of_a_name_matches_that_name_literally():
    html = render("{{ name|exact_pattern }}", name="a.b (c)")

    assert html == r"a\.b \(c\)"


@pytest.mark.parametrize(("name", "expected"), [("ines", "I"), ("  élan vital", "ÉV"), ("", "•")])
def test_a_tile_without_a_picture_shows_its_monogram(name, expected):
    assert render("{{ name|monogram }}", name=name) == expected


@pytest.mark.parametrize(
    ("locale", "hour", "span", "day"),
    [
        ("en-GB", "14:00", "16–22 Nov 2026", "Fri, 25 Dec 2026"),
        ("en-CA", "2 p.m.", "Nov 16–22, 2026", "Fri, Dec 25, 2026"),
    ],
)
def test_days_and_full_hours_read_as_people_there_write_them(locale, hour, span, day):
    html = render(
        '{% datetime_in afternoon "UTC" "hour" %}|{% days monday sunday %}|{% day christmas %}',
        afternoon=datetime(2026, 11, 16, 14, tzinfo=UTC),
        monday=date(2026, 11, 16),
        sunday=date(2026, 11, 22),
        christmas=date(2026, 12, 25),
        locale=locale,
    )

    assert html == f"{hour}|{span}|{day}"


@pytest.mark.parametrize(("zone", "expected"), [("UTC", "08:00 UTC"), ("Asia/Kathmandu", "13:45 GMT+05:45")])
def test_an_instant_may_carry_its_zone(zone, expected):
    html = render('{% datetime_in moment zone "datetime_zone" %}', moment=MOMENT, zone=zone, locale="en-GB")

    assert html == f"Mon, 13 Jul 2026, {expected}"


@pytest.mark.parametrize(
    ("locale", "noon", "midnight"), [("en-GB", "12:00", "midnight"), ("en-CA", "12:00\u202fp.m.", "midnight")]
)
def test_the_end_of_a_day_is_named_in_words(locale, noon, midnight):
    texts = [minute_text(minute, parse_locale(locale)) for minute in (12 * 60, 24 * 60)]

    assert texts == [noon, midnight]


@pytest.mark.parametrize(
    ("text", "left"),
    [("As of 2:08 a.m.. Later more.", "As of 2:08 a.m. Later more."), ("Wait...", "Wait..."), ("14:00.", "14:00.")],
)
def test_a_time_that_ends_a_sentence_needs_no_second_full_stop(text, left):
    assert render("{{ text|one_stop }}", text=text) == left


def test_what_is_escaped_stays_escaped_once_without_a_second_full_stop():
    source = (
        "{% load i18n %}{% blocktranslate asvar said %}By {{ name }}, until {{ at }}.{% endblocktranslate %}{{ said|one_stop }}"
    )

    assert render(source, name="<Ann>", at="2 a.m.") == "By &lt;Ann&gt;, until 2 a.m."
