"""Times in lists are said on the viewer's clock, as far as they told it, and the list says whose clock it is."""

import re
from datetime import UTC, datetime

import pytest

from kernel import clock
from tenant_apps.availability.models import WeeklyWindow
from tenants.scope import tenant_scope
from tests.factories.market import make_category, make_provider, make_service

NIGHT = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)
LISTS = ["/services/", "/categories/deep/", "/providers/ines-duarte/"]


@pytest.fixture(autouse=True)
def market(alpha, monkeypatch):
    for module in ("kernel.clock.now", "tenant_apps.storefront.selectors.slots.clock_now"):
        monkeypatch.setattr(module, lambda: NIGHT)
    with tenant_scope(alpha):
        ines = make_provider("Ines Duarte", slug="ines-duarte")
        WeeklyWindow.objects.bulk_create(
            WeeklyWindow(provider=ines, weekday=day, starts_minute=540, ends_minute=1020) for day in range(7)
        )
        make_service(ines, "Two-bedroom flat", slug="flat", category=make_category("Deep clean", slug="deep"))
    assert clock.now() == NIGHT


def _said(page: str) -> tuple[str, str]:
    chip = re.search(r'class="chip chip-time[^>]*>\s*(?:<svg.*?</svg>)?\s*([^<]+?)\s*<', page, re.DOTALL)
    city = re.search(r"on the clock of ([^.<]+)\.", page)
    assert chip
    assert city
    return chip[1].strip(), city[1]


@pytest.mark.parametrize("path", LISTS)
def test_who_told_no_zone_reads_the_organizations_clock(alpha_client, path):
    assert _said(alpha_client.get(path).text) == ("Tomorrow 09:00", "London")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("cookies", "said"),
    [
        ({"tz": "America%2FToronto"}, ("Tomorrow 04:00", "Toronto")),
        ({"tz": "Asia%2FTokyo"}, ("Today 18:00", "Tokyo")),
        ({"tz": "Asia%2FTokyo", "tz_chosen": "America%2FToronto"}, ("Tomorrow 04:00", "Toronto")),
        ({"tz": "Mars%2FOlympus"}, ("Tomorrow 09:00", "London")),
    ],
)
def test_who_told_one_reads_their_own(alpha_client, path, cookies, said):
    for name, value in cookies.items():
        alpha_client.cookies[name] = value

    assert _said(alpha_client.get(path).text) == said


@pytest.mark.parametrize("path", ["/", *LISTS, "/providers/"])
def test_every_page_with_times_names_its_clock_to_readers_and_to_script(alpha_client, path):
    alpha_client.cookies["tz"] = "Asia%2FTokyo"

    page = alpha_client.get(path).text

    assert 'data-clock="Asia/Tokyo"' in page
    assert "on the clock of Tokyo" in page


def test_the_front_page_says_them_so_too(alpha_client):
    alpha_client.cookies["tz"] = "America%2FToronto"

    assert "Tomorrow 04:00" in alpha_client.get("/").text


def test_the_phones_bar_offers_the_earliest_time_of_all_whoever_is_shown_first(alpha, alpha_client):
    with tenant_scope(alpha):
        bea = make_provider("Bea Stone", slug="bea-stone")
        WeeklyWindow.objects.create(provider=bea, weekday=1, starts_minute=420, ends_minute=600)
        make_service(bea, "Windows", slug="windows")

    page = alpha_client.get("/").text
    bar = page[page.index('class="sticky-cta') :]

    assert re.search(r"<b>([^<]+)</b>", bar)[1] == "Tomorrow 07:00"
