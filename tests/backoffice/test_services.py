"""A provider's services: written, refused, published, hidden, put in order."""

from __future__ import annotations

from uuid import UUID

import pytest

from kernel.ids import format_public_id
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category, Service
from tenant_apps.providers.models import Provider
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.market import CATEGORY, OTHERS_SERVICE, PROVIDER, SERVICE, make_service

LIST = f"/manage/providers/{PROVIDER}/services/"
URL = f"{LIST}{SERVICE}/"
GOOD = {
    "title": "End of tenancy",
    "category_id": CATEGORY,
    "summary": "Your deposit back.",
    "description": "Room by room.",
    "included": "Kitchen\n\nBathroom\n",
    "place": "At your home",
    "price": "£1,250.50",
    "duration_minutes": "150",
    "grid_step_minutes": "15",
    "buffer_before_minutes": "10",
    "buffer_after_minutes": "30",
    "min_notice_minutes": "240",
    "cancel_notice_minutes": "2880",
    "horizon_days": "90",
    "max_per_day": "3",
    "max_per_week": "12",
    "approval": "request",
}


def _made(market) -> Service:
    with tenant_scope(market):
        return Service.objects.get(title="End of tenancy")


def test_a_service_is_saved_as_a_draft(as_, market):
    answer = as_("provider").post(f"{LIST}new/", GOOD)

    assert answer["Location"] == LIST
    made = _made(market)
    assert (made.status, made.price_minor, made.currency) == ("draft", 125_050, "GBP")
    assert made.included == ["Kitchen", "Bathroom"]
    assert (made.buffer_before_minutes, made.buffer_after_minutes, made.max_per_day) == (10, 30, 3)
    assert made.max_per_week == 12
    assert made.approval == "request"


def test_what_the_form_shows_is_what_it_saves(as_, market):
    client = as_("provider")
    client.post(f"{LIST}new/", GOOD)
    with tenant_scope(market):
        before = Service.objects.filter(title="End of tenancy").values().get()
    url = f"{LIST}{_public(before)}/"

    form = client.get(url).context["form"]
    client.post(url, {name: form[name].value() or "" for name in form.fields})

    with tenant_scope(market):
        after = Service.objects.filter(title="End of tenancy").values().get()
    assert {key for key in after if after[key] != before[key]} <= {"updated_at"}


def test_a_price_is_typed_as_the_marketplaces_pages_write_it(as_, market):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(locale="en-DE")
    client = as_("provider")

    client.post(f"{LIST}new/", GOOD | {"price": "1.250,50"})

    made = _made(market)
    assert made.price_minor == 125_050
    form = client.get(f"{LIST}{format_public_id('svc', made.public_id)}/").context["form"]
    assert form["price"].value() == "1.250,50"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "required"),
        ("price", "free", "Enter an amount"),
        ("price", "12,5", "Enter an amount"),
        ("price", "-3", "below zero"),
        ("price", "1.005", "at most 2 decimals"),
        ("category_id", "cat_nonsense", "Select a valid choice"),
        ("duration_minutes", "4", "greater than or equal to 5"),
        ("duration_minutes", "soon", "whole number"),
        ("grid_step_minutes", "7", "Select a valid choice"),
        ("horizon_days", "0", "greater than or equal to 1"),
        ("included", "x" * 121, "A line has at most 120"),
        ("max_per_day", "101", "less than or equal to 100"),
        ("max_per_week", "0", "greater than or equal to 1"),
        ("approval", "never", "Select a valid choice"),
    ],
)
def test_bad_input_is_refused_beside_its_field_and_kept(as_, market, field, value, sentence):
    answer = as_("provider").post(f"{LIST}new/", GOOD | {"description": "Typed with care.", field: value})

    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert "Typed with care." in answer.content.decode()
    with tenant_scope(market):
        assert Service.objects.count() == 2


def test_a_horizon_within_the_notice_is_refused(as_):
    answer = as_("provider").post(f"{LIST}new/", GOOD | {"horizon_days": "1", "min_notice_minutes": "10080"})

    assert answer.status_code == 422
    assert "no bookable day is left" in answer.context["form"].errors["horizon_days"][0]


def test_a_new_service_can_be_for_sale_at_once(as_, market):
    answer = as_("provider").post(f"{LIST}new/", GOOD | {"then": "publish"})

    assert answer["Location"] == LIST
    assert _made(market).status == "live"


def test_publishing_saves_what_is_typed(as_, market):
    with tenant_scope(market):
        Service.objects.filter(pk=9_100_000).update(status="draft", summary="", description="")

    answer = as_("provider").post(URL, GOOD | {"then": "publish"}, follow=True)

    with tenant_scope(market):
        saved = Service.objects.get(pk=9_100_000)
    assert (saved.status, saved.title, saved.price_minor) == ("live", "End of tenancy", 125_050)
    assert "“End of tenancy” is for sale." in answer.content.decode()


@pytest.mark.parametrize("path", [f"{LIST}new/", URL])
def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_lost(as_, market, path):
    with tenant_scope(market):
        Service.objects.filter(pk=9_100_000).update(status="draft")
    wrong = {"title": "", "summary": "", "description": "", "included": "x" * 121, "price": "-3"}
    late = {"horizon_days": "1", "min_notice_minutes": "10080"}

    answer = as_("provider").post(path, GOOD | wrong | late | {"place": "Typed with care", "then": "publish"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"title", "summary", "included", "price", "horizon_days"}
    assert "Typed with care" in answer.content.decode()
    with tenant_scope(market):
        assert Service.objects.filter(place="Typed with care").count() == 0


def test_what_the_plan_has_no_room_for_is_saved_and_nothing_is_said_to_be_missing(as_, market):
    with tenant_scope(market):
        Service.objects.filter(pk=9_100_000).update(status="draft", summary="", description="")
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(entitlements={"max_services": 1})
    host_cache.clear()

    answer = as_("provider").post(URL, GOOD | {"then": "publish"})

    page = answer.content.decode()
    assert answer.status_code == 402
    assert "saved, but not published" in page
    assert "Needed to publish" not in page
    with tenant_scope(market):
        assert Service.objects.get(pk=9_100_000).summary == GOOD["summary"]


def test_hiding_can_be_undone(as_, market):
    client = as_("provider")

    hidden = client.post(f"{URL}hide/", follow=True)
    with tenant_scope(market):
        assert Service.objects.get(pk=9_100_000).status == "hidden"
    client.post(f"{URL}publish/")

    assert f'action="{URL}publish/"' in hidden.content.decode()
    with tenant_scope(market):
        assert Service.objects.get(pk=9_100_000).status == "live"
        assert Service.objects.get(pk=9_100_001).status == "live"


def test_publishing_what_says_nothing_is_refused_beside_the_summary(as_, market):
    with tenant_scope(market):
        Service.objects.filter(pk=9_100_000).update(status="draft", summary="", description="")

    answer = as_("provider").post(f"{URL}publish/")

    assert answer.status_code == 422
    assert "Say in a sentence" in answer.context["form"].errors["summary"][0]


def test_services_move_up_and_down(as_, market):
    with tenant_scope(market):
        category = Category.objects.get(slug="deep-clean")
        make_service(Provider.objects.get(pk=9_100_000), category, 7, title="Second")
    client = as_("manager")

    client.post(f"{URL}move/down/")
    down = [card.title for card in client.get(LIST).context["services"]]
    client.post(f"{URL}move/up/")
    up = [card.title for card in client.get(LIST).context["services"]]

    assert (down, up) == (["Second", "Regular clean"], ["Regular clean", "Second"])


def test_another_providers_service_cannot_be_hidden_through_ones_own_address(as_, market):
    assert as_("provider").post(f"{LIST}{OTHERS_SERVICE}/hide/").status_code == 404
    with tenant_scope(market):
        assert Service.objects.get(pk=9_100_001).status == "live"


def test_an_empty_list_says_what_to_do(as_, market):
    with tenant_scope(market):
        Booking.objects.all().delete()
        Service.objects.all().delete()

    assert "No services yet" in as_("provider").get(LIST).content.decode()


def _public(row: dict[str, object]) -> str:
    assert isinstance(row["public_id"], UUID)
    return format_public_id("svc", row["public_id"])


def test_what_publishing_needs_is_labelled_so_and_named_beside_the_button(as_, market):
    complete = as_("provider").get(URL).content.decode()
    with tenant_scope(market):
        Service.objects.filter(pk=9_100_000).update(status="draft", summary="", description="")
    lacking = as_("provider").get(URL).content.decode()

    assert "(this or a description is needed to publish)" in lacking
    assert "Needed to publish:" not in complete
    assert '<a class="link" href="#id_summary">Summary</a>' in lacking
    assert 'id="id_summary"' in lacking
