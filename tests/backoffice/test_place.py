"""Where the organization is at home: its clock at any time, its currency while nothing has a price."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kernel.errors import Invalid
from tenant_apps.availability.models import Blackout, DateException, WeeklyWindow
from tenant_apps.backoffice.services.place import save_place
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Service
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus
from tenants.hosts import context_for, host_cache
from tenants.scope import tenant_scope
from tests.api.calls import OWNER
from tests.availability.rows import SYSTEM
from tests.backoffice.market import NOW

URL = "/manage/settings/"
LOOK = {"name": "Twin Market", "headline": "A home that sparkles", "tagline": "", "brand": "#0f9d8a"}
GOOD = LOOK | {"time_zone": "Europe/London", "locale": "en-GB", "currency": "GBP"}


@pytest.fixture
def unpriced(market):
    """The marketplace without services."""
    with tenant_scope(market):
        Booking.objects.all().delete()
        WeeklyWindow.objects.all().delete()
        Service.objects.all().delete()
    return market


def test_the_clock_changes_in_this_marketplace_only(as_, market, beta):
    as_("owner").post(URL, GOOD | {"time_zone": "America/Toronto"})

    changed, twin = context_for(market.id), context_for(beta.id)
    assert (changed.time_zone, changed.currency) == ("America/Toronto", market.currency)
    assert (twin.time_zone, twin.locale) == (beta.time_zone, beta.locale)


def test_another_clock_leaves_the_way_of_writing_alone_and_suggests_what_is_usual_there(as_, market):
    client = as_("owner")
    before = client.get(URL).context["form"].usual_region

    client.post(URL, GOOD | {"time_zone": "America/Toronto"})
    host_cache.clear()
    page = client.get(URL)

    assert before == ""
    assert context_for(market.id).locale == "en-GB"
    assert page.context["form"].usual_region == "Canada (2026-12-31)"
    assert "Usual in this time zone: Canada (2026-12-31)" in page.content.decode()


def test_the_way_of_writing_is_chosen_by_itself(as_, market):
    as_("owner").post(URL, GOOD | {"locale": "en-CA"})

    assert (context_for(market.id).locale, context_for(market.id).time_zone) == ("en-CA", "Europe/London")


def test_one_button_saves_the_look_and_the_place(as_, market):
    as_("owner").post(URL, GOOD | {"headline": "Typed beside it", "time_zone": "Europe/Berlin"})

    saved = context_for(market.id)
    assert (saved.content["headline"], saved.time_zone) == ("Typed beside it", "Europe/Berlin")


def test_what_is_wrong_in_the_look_and_in_the_place_is_told_at_once_and_nothing_is_saved(as_, market):
    answer = as_("owner").post(URL, GOOD | {"brand": "teal", "locale": "en-XX", "headline": "Typed with care"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"brand", "locale"}
    assert "Typed with care" in answer.content.decode()
    assert "headline" not in context_for(market.id).content


def test_prices_that_hold_the_currency_hold_the_look_back_as_well(as_, unpriced, monkeypatch):
    """The form allows another currency; then, before it is saved, somebody writes a price."""
    monkeypatch.setattr("tenant_apps.backoffice.services.place.has_services", lambda: True)

    answer = as_("owner").post(URL, GOOD | {"headline": "Typed with care", "currency": "CHF"})

    assert answer.status_code == 409
    assert "There are prices in GBP already" in answer.context["form"].errors["currency"][0]
    assert "headline" not in context_for(unpriced.id).content


def test_closed_days_stay_the_same_days_and_other_closures_the_same_moments(as_, market):
    with tenant_scope(market):
        Blackout.objects.create(starts_at=datetime(2026, 12, 1, 9, tzinfo=UTC), ends_at=datetime(2026, 12, 1, 12, tzinfo=UTC))
        Blackout.objects.create(starts_at=datetime(2026, 11, 1, tzinfo=UTC), ends_at=datetime(2026, 11, 2, tzinfo=UTC))

    as_("owner").post(URL, GOOD | {"time_zone": "America/Toronto"})

    with tenant_scope(market):
        closed = list(Blackout.objects.values_list("starts_at", "ends_at"))
    assert closed == [
        (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)),
        (datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC)),
        (datetime(2027, 1, 1, 5, tzinfo=UTC), datetime(2027, 1, 3, 5, tzinfo=UTC)),
    ]


def test_a_clock_that_was_set_elsewhere_a_moment_ago_is_taken_back_with_its_closed_days(market):
    """The scope goes on saying London, as another process does for some seconds."""
    with tenant_scope(market):
        for zone in ("America/Toronto", "Europe/London"):
            save_place(actor=SYSTEM, currency=None, time_zone=zone, locale=None)

        closed = Blackout.objects.get()
    assert context_for(market.id).time_zone == "Europe/London"
    assert closed.starts_at == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_profile_that_has_just_begun_follows_the_organizations_clock_and_a_settled_one_keeps_its_own(as_, market):
    def profile(name, **fields) -> Provider:
        values = {"slug": name, "display_name": name, "time_zone": market.time_zone}
        return Provider.objects.create(**(values | fields))

    with tenant_scope(market):
        fresh, live = profile("fresh"), profile("live", status=ProviderStatus.LIVE)
        elsewhere, with_hours = profile("elsewhere", time_zone="Asia/Tokyo"), profile("with-hours")
        with_a_date = profile("with-a-date")
        DateException.objects.create(provider=with_a_date, on_date=NOW.date(), kind="open", starts_minute=540, ends_minute=720)
        WeeklyWindow.objects.create(provider=with_hours, weekday=0, starts_minute=540, ends_minute=1020)

    as_("owner").post(URL, GOOD | {"time_zone": "America/Toronto"})

    with tenant_scope(market):
        zones = dict(Provider.objects.values_list("slug", "time_zone"))
    shown = {row.slug: zones[row.slug] for row in (fresh, live, elsewhere, with_hours, with_a_date)}
    assert shown == {
        "fresh": "America/Toronto",
        "live": market.time_zone,
        "elsewhere": "Asia/Tokyo",
        "with-hours": market.time_zone,
        "with-a-date": market.time_zone,
    }


def test_the_currency_is_free_until_something_has_a_price(as_, unpriced):
    as_("owner").post(URL, GOOD | {"currency": "CHF"})

    assert context_for(unpriced.id).currency == "CHF"


def test_a_currency_with_prices_in_it_stays_and_the_rest_is_saved(as_, market):
    page = as_("owner").get("/manage/settings/").content.decode()
    as_("owner").post(URL, GOOD | {"time_zone": "Europe/Berlin", "currency": "CHF"})

    assert "There are prices in it already" in page
    assert (context_for(market.id).currency, context_for(market.id).time_zone) == (market.currency, "Europe/Berlin")


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "Mars/Olympus"), ("time_zone", ""), ("currency", "DEM"), ("locale", "en-XX"), ("locale", "de-DE")],
)
def test_a_place_that_is_none_is_refused_beside_its_field(as_, unpriced, field, value):
    before = context_for(unpriced.id)

    answer = as_("owner").post(URL, GOOD | {"time_zone": "Europe/Berlin", "currency": "EUR", field: value})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert context_for(unpriced.id).time_zone == before.time_zone


def test_the_service_judges_the_region_by_itself(market):
    before = context_for(market.id)

    with tenant_scope(market), pytest.raises(Invalid) as refusal:
        save_place(actor=OWNER, currency="GBP", time_zone="Europe/London", locale="en-XX")

    assert refusal.value.field == "locale"
    assert context_for(market.id).locale == before.locale
