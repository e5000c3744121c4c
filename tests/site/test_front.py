"""The platform's front page: who Stoa is, the live samples in their own looks, the plans."""

import re

import pytest

from kernel.ids import new_id
from kernel.money import Money, format_money
from shared_apps.plans.models import Plan
from shared_apps.plans.rules import complete
from shared_apps.plans.types import Interval
from shared_apps.site.rules import EXAMPLE_COLORS, color_samples, plan_lines
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import TenantStatus
from tests.factories.plans import draft_with, make_plan, next_version
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_tenant
from themes.engine.color import contrast


@pytest.fixture
def samples(alpha, beta) -> None:
    """Both twins are samples, one in a dark theme."""
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(
            content={"sample": "alpha", "headline": "A spotless home"}, theme_package="fresh"
        )
        Tenant.objects.filter(pk=BETA_ID).update(content={"sample": "beta"}, theme_package="noir")


def _text(response) -> str:
    return response.content.decode()


def test_the_front_page_leads_to_the_start(platform_client):
    page = _text(platform_client.get("/"))

    assert 'href="/start/"' in page
    assert 'href="/accounts/login/"' in page


def test_live_samples_are_shown_as_they_are_addressed(platform_client, samples):
    page = _text(platform_client.get("/"))

    assert "A spotless home" in page
    assert 'class="front-stall stall-alpha' in page
    assert 'href="http://alpha.localhost/"' in page
    assert "stall-beta" in page


def test_an_organization_that_is_no_sample_is_never_shown(platform_client, alpha, beta):
    page = _text(platform_client.get("/"))

    assert "Twin Market" not in page
    assert "front-stall" not in page


def test_a_sample_that_is_not_in_service_is_not_shown(platform_client, samples):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(status=TenantStatus.SUSPENDED)

    page = _text(platform_client.get("/"))

    assert "stall-alpha" in page
    assert "stall-beta" not in page


def test_each_sample_wears_its_own_look_and_only_there(platform_client, samples):
    link = re.search(r"/stalls-[0-9a-f]{12}\.css", _text(platform_client.get("/")))

    sheet = platform_client.get(link[0])

    css = _text(sheet)
    assert sheet["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in sheet["Cache-Control"]
    assert ".stall-alpha{color-scheme:light;" in css
    assert ".stall-beta{color-scheme:dark;" in css
    assert ":root" not in css


def test_a_changed_look_has_another_address(platform_client, samples):
    before = re.search(r"/stalls-[0-9a-f]{12}\.css", _text(platform_client.get("/")))[0]
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(theme_tokens={"brand": "#123456"})

    after = re.search(r"/stalls-[0-9a-f]{12}\.css", _text(platform_client.get("/")))[0]

    assert after != before
    assert platform_client.get(before)["Cache-Control"] == "no-store"


def test_plans_are_told_with_what_they_give(platform_client):
    page = _text(platform_client.get("/"))

    assert "Studio" in page
    assert "2,000 bookings a month" in page
    assert "Providers without limit" in page
    assert "€59" in page
    assert 'href="/start/?plan=studio"' in page


@pytest.mark.parametrize(
    ("path", "languages", "price"),
    [
        ("/", "", "€59"),
        ("/", "en-GB,en;q=0.8", "£51"),
        ("/", "de-AT, en-US", "€59"),
        ("/", "pt-BR,en-US;q=0.5", "US$59"),
        ("/", "en, sv-SE", "€59"),
        ("/?currency=GBP", "de-DE", "£51"),
        ("/?currency=ZZZ", "en-GB", "£51"),
        ("/?interval=year&currency=GBP", "", "£510"),
        ("/?interval=decade", "", "€59"),
    ],
)
def test_prices_are_in_the_visitors_currency_unless_they_chose_another(platform_client, path, languages, price):
    answer = platform_client.get(path, headers={"accept-language": languages})

    card = next(card for card in answer.context["prices"].cards if card.plan.code == "studio")
    assert format_money(card.price, "en-GB").removesuffix(".00") == price
    assert "Accept-Language" in answer["Vary"]


def test_a_year_says_what_it_saves_and_a_month_does_not(platform_client):
    year, month = _text(platform_client.get("/?interval=year")), _text(platform_client.get("/"))

    assert "€118 less than by the month" in year
    assert "less than by the month" not in month


def test_the_switch_keeps_the_currency_and_marks_what_is_shown(platform_client):
    page = _text(platform_client.get("/?currency=GBP"))

    assert '<a href="?interval=year&amp;currency=GBP#plans">' in page
    assert '<a href="?currency=GBP#plans" aria-current="true">GBP</a>' in page


def test_a_plan_that_is_only_sold_by_the_year_shows_that(platform_client):
    with platform_scope(reason="test"):
        make_plan("palace", prices={("EUR", Interval.YEAR): 99_900})

    card = next(card for card in platform_client.get("/").context["prices"].cards if card.plan.code == "palace")
    assert (card.price, card.interval) == (Money(99_900, "EUR"), Interval.YEAR)


def test_a_version_that_is_published_is_shown_and_one_that_is_not_is_not(platform_client):
    with platform_scope(reason="test"):
        draft_with("studio", prices={("EUR", Interval.MONTH): 7700})
    assert "€77" not in _text(platform_client.get("/"))

    with platform_scope(reason="test"):
        next_version("studio", prices={("EUR", Interval.MONTH): 7700})
    assert "€77" in _text(platform_client.get("/"))


def test_sign_up_says_what_a_month_costs_afterwards(platform_client):
    page = _text(platform_client.get("/start/?plan=stall", headers={"accept-language": "en-GB"}))

    assert "14 free days on the Stall plan." in page
    assert "Then £17 a month." in page


def test_without_the_usual_plan_sign_up_offers_the_smallest(platform_client):
    with platform_scope(reason="test"):
        Plan.objects.filter(code="studio").update(is_offered=False)

    page = platform_client.get("/start/")

    assert page.context["offer"].plan.code == "stall"


def test_a_plan_that_is_not_on_offer_is_not_shown(platform_client):
    with platform_scope(reason="test"):
        Plan.objects.filter(code="hall").update(is_offered=False)

    assert "/start/?plan=hall" not in _text(platform_client.get("/"))


def test_more_samples_and_plans_cost_no_more_queries(platform_client, samples, django_assert_num_queries):
    platform_client.get("/")
    with django_assert_num_queries(6):
        platform_client.get("/")
    with platform_scope(reason="test"):
        create_tenant(new_id(), "gamma", content={"sample": "gamma"})
        make_plan("palace", name="Palace", prices={("EUR", Interval.MONTH): 1})

    with django_assert_num_queries(6):
        assert "stall-gamma" in _text(platform_client.get("/"))


def test_a_marketplace_has_no_platform_front_page(alpha_client):
    assert alpha_client.get("/stalls-000000000000.css").status_code == 404


def test_every_example_colour_reads_well():
    samples = color_samples()

    assert [sample.brand for sample in samples] == list(EXAMPLE_COLORS)
    assert min(contrast(sample.fill, sample.text) for sample in samples) >= 4.5


def test_a_plan_line_says_what_is_not_included():
    lines = plan_lines(complete({"max_providers": 1, "storage_megabytes": 512, "api_access": True}))

    assert [str(line.text) for line in lines[:3]] == [
        "1 provider",
        "0 services",
        "0 bookings a month",
    ]
    assert not any("GB" in str(line.text) for line in lines)
    assert {str(line.text) for line in lines if not line.is_included} == {
        "Own domain",
        "Without “Powered by Stoa”",
        "Single sign-on (soon)",
    }
