"""Closed days: the whole marketplace takes no bookings then, from midnight to midnight on the organization's clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tenant_apps.availability.models import Blackout
from tenants.scope import tenant_scope
from tests.backoffice.market import CLOSED_DAY, PROVIDER, browser

URL = "/manage/closed-days/"
CHRISTMAS = {"first_on": "2026-12-25", "last_on": "2026-12-27", "note": "Christmas"}
STANDING = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 3, tzinfo=UTC), "New Year")


def _closed(market) -> list[tuple[datetime, datetime, str]]:
    with tenant_scope(market):
        return list(Blackout.objects.values_list("starts_at", "ends_at", "note"))


def test_days_are_closed_and_everybody_is_told(as_, market):
    page = as_("manager").post(URL, CHRISTMAS, follow=True).content.decode()

    assert _closed(market) == [(datetime(2026, 12, 25, tzinfo=UTC), datetime(2026, 12, 28, tzinfo=UTC), "Christmas"), STANDING]
    for told in (page, as_("provider").get(f"/manage/providers/{PROVIDER}/hours/").content.decode()):
        assert "25–27 Dec 2026" in told
        assert "1–2 Jan 2027" in told


def test_a_day_is_as_long_as_the_clocks_make_it(as_, market):
    zone = ZoneInfo(market.time_zone)
    as_("owner").post(URL, {"first_on": "2027-03-28"})

    (_new_year, (starts_at, ends_at, _note)) = _closed(market)
    assert (starts_at.astimezone(zone).isoformat(), ends_at.astimezone(zone).isoformat()) == (
        "2027-03-28T00:00:00+00:00",
        "2027-03-29T00:00:00+01:00",
    )
    assert (ends_at - starts_at).total_seconds() == 23 * 3600


def test_no_time_is_offered_on_a_closed_day(as_, market):
    public = "/services/regular-clean-0/?day=2026-11-30"
    assert 'value="2026-11-30T' in as_("customer").get(public).content.decode()

    as_("owner").post(URL, {"first_on": "2026-11-30"})

    assert 'value="2026-11-30T' not in as_("customer").get(public).content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"first_on": ""}, "first_on", "required"),
        ({"first_on": "2026-02-30"}, "first_on", "Enter a valid date"),
        ({"last_on": "2026-12-24"}, "last_on", "must not be before"),
        ({"first_on": "2026-11-14", "last_on": "2026-11-15"}, "first_on", "has passed"),
        ({"first_on": "2126-01-01", "last_on": ""}, "first_on", "too far ahead"),
        ({"first_on": "9999-12-31", "last_on": ""}, "first_on", "out of range"),
        ({"last_on": "2126-01-01"}, "last_on", "too far ahead"),
    ],
)
def test_days_that_cannot_be_are_refused_beside_their_field(as_, market, changes, field, sentence):
    answer = as_("owner").post(URL, CHRISTMAS | {"note": "Typed with care."} | changes)

    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert "Typed with care." in answer.content.decode()
    assert _closed(market) == [STANDING]


def test_everything_that_is_wrong_with_closed_days_is_told_at_once(as_, market):
    answer = as_("owner").post(URL, {"first_on": "2026-11-10", "note": "x" * 201})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"first_on", "note"}


def test_days_opened_again_are_closed_by_undo(as_, market):
    client = as_("owner")

    page = client.post(f"{URL}{CLOSED_DAY}/remove/", follow=True).content.decode()
    assert _closed(market) == []
    assert "No closed days ahead" in page
    found = re.search(r'action="([^"]*/restore/[^"]+)"', page)
    assert found
    client.post(found[1])

    assert _closed(market) == [STANDING]


def test_the_undo_of_one_marketplace_is_worth_nothing_in_its_twin(as_, market, beta):
    page = as_("owner").post(f"{URL}{CLOSED_DAY}/remove/", follow=True).content.decode()
    found = re.search(r'action="([^"]*/restore/[^"]+)"', page)
    assert found

    answer = browser(beta, "owner").post(found[1])

    assert answer.status_code == 409
    assert _closed(beta) == [STANDING]
